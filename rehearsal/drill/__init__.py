"""A drill of the emergency rollback: there and back on a healthy service, on a stage or on the real environment."""

from rehearsal.drill.drill import Drill, NotPutBack, Prompter
from rehearsal.drill.photograph import Photograph, differences, photograph
from rehearsal.drill.steady import must_be_steady

__all__ = ["Drill", "NotPutBack", "Photograph", "Prompter", "differences", "must_be_steady", "photograph"]
