"""``pytest --game-day``: the suite breaks a served stage, and a person mends it.

The steps are those of the rehearsal. What stands before the first *When* is played on a stage that is served; the person
is the *When*; and the *Then* steps that can be asked of the world are asked until all of them hold. Before that the
tool has played the very scenario on a stage of its own, so that there is something to compare with, and hints to give.
"""
