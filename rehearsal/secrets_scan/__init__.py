"""Looks for planted secrets in everything that a run leaves behind: files, output and reports."""

from __future__ import annotations

from rehearsal.secrets_scan.looking import Leak, forms, leaks
from rehearsal.secrets_scan.places import PLACES, Place
from rehearsal.secrets_scan.playing import Played, play

__all__ = ["PLACES", "Leak", "Place", "Played", "forms", "leaks", "play"]
