"""The whole stage served by a process of its own, on loopback: for terminals, for other programs, for ``--stage server``.

`House` opens a stage and serves its AWS, its GitHub, its git remote and its application; `Pump` lets its time pass;
`Desk` is where another process asks for what no AWS would do: break the world, move the clock, read who asked what.
``python -m rehearsal.serving`` is that process, `Control` is how another one talks to it.
"""
