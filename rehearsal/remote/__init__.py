"""``--stage server``: the stage in a process of its own, and the operator's hands in this one, with a network between.

AWS, GitHub, git and the application are asked over HTTP on loopback, as a live environment's would be. What the
scenario does to the world and sees of it goes over the control endpoint of `rehearsal.serving`. Faults stand in the
operator's own door, which is on this side. What can't be had over there ends the scenario as skipped, and says so.
"""
