"""The hands on the real world: whose they are, how long they may be used, and hands that can only look."""

from rollback.live.checks import Checked, check
from rollback.live.hands import hands, journals, state_directory
from rollback.live.identity import Identity, whoami
from rollback.live.readonly import read_only
from rollback.live.session import Lasting, Session
from rollback.live.troubles import NotReady, Trouble

__all__ = [
    "Checked",
    "Identity",
    "Lasting",
    "NotReady",
    "Session",
    "Trouble",
    "check",
    "hands",
    "journals",
    "read_only",
    "state_directory",
    "whoami",
]
