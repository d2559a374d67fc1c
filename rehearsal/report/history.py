"""Reads the kept runs. Nothing in their files is believed: what is damaged or foreign is named and skipped, and what is whole is kept."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from pydantic import ValidationError

from rehearsal.report.attachments import FORMAT, RUN, About
from rehearsal.report.envelopes import Envelope
from rehearsal.report.features import digest_of, parse
from rehearsal.report.model import History, Played, Run, Trouble
from rehearsal.report.playing import Playing, is_wanted

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping
    from datetime import datetime
    from pathlib import Path

    from rehearsal.report.envelopes import Source
    from rehearsal.report.wording import Feature

BROKEN_OFF: Final = ("The run was broken off", "The run is not kept whole")
"""What a run says at its end that was not through."""
_NOT_A_MESSAGE: Final = "It isn't a message of a rehearsal"
_EXAMINED: Final = 50
"""How many lines may be unreadable before anything is known of the run."""


def read(folder: Path, *, known: Iterable[Feature] = (), now: datetime | None = None) -> History:
    """All runs whose messages are kept in `folder`, without their steps and evidence.

    Args:
        folder: where the ``.ndjson`` files are; one that isn't there holds none.
        known: features that needn't be read again where a run has played the same text.
        now: a run that begins later than this is skipped: its age would not be known.
    """
    texts = Texts(known)
    runs: list[Run] = []
    troubles: list[Trouble] = []
    for path in sorted(folder.glob("*.ndjson")):
        file = _File(path, texts)
        run = file.read()
        troubles += file.troubles
        if run is None:
            continue
        if now is not None and run.began > now:
            why = f"It says that it began on {run.began:%Y-%m-%d at %H:%M} UTC, which is still to come: see to the clock of its machine."
            troubles.append(Trouble(path=path, why=why))
        else:
            runs.append(run)
    return History(
        runs=tuple(sorted(runs, key=lambda run: (run.began, run.path.name))), troubles=tuple(troubles)
    )


def in_full(path: Path, attempts: Collection[str], *, known: Iterable[Feature] = ()) -> Mapping[str, Played]:
    """The scenarios called `attempts` of the run at `path`, with their steps and evidence.

    Args:
        path: the file of the run.
        attempts: as `Played.attempt`.
        known: features that needn't be read again.
    """
    file = _File(path, Texts(known), attempts)
    run = file.read()
    return {} if run is None else {each.attempt: each for each in run.scenarios if each.attempt in attempts}


class Texts:
    """The features as they were played, each text read once."""

    def __init__(self, known: Iterable[Feature] = ()) -> None:
        self._read: dict[tuple[str, str], Feature | None] = {(each.uri, each.digest): each for each in known}

    def of(self, source: Source) -> Feature | None:
        """The feature that `source` is, or None where it isn't Gherkin."""
        key = source.uri, digest_of(source.data)
        if key not in self._read:
            try:
                self._read[key] = parse(source.data, source.uri)
            except ValueError:
                self._read[key] = None
        return self._read[key]


_META: Final = b'{"meta"'
"""How a run's first line begins, of whoever has written it."""


@dataclass(slots=True)
class _File:
    """One file, as it is read.

    Attributes:
        path: where it is.
        texts: of the features.
        attempts: whose steps and evidence are wanted.
        troubles: what could not be read of it.
    """

    path: Path
    texts: Texts
    attempts: Collection[str] = ()
    troubles: list[Trouble] = field(default_factory=list)
    _about: About | None = None
    _empty: bool = True
    _began: datetime | None = None
    _ended: datetime | None = None
    _message: str = ""
    _success: bool = False
    _bad: list[tuple[int, str]] = field(default_factory=list)

    def read(self) -> Run | None:
        """The run, or None where the file is none."""
        playing = Playing(self.texts.of, self.attempts)
        try:
            with self.path.open("rb") as lines:
                for number, line in enumerate(lines, 1):
                    self._empty = self._empty and line.startswith(_META)
                    if is_wanted(line, self.attempts) and not self._line(number, line, playing):
                        break
        except OSError as error:
            return self._skip(f"It can't be read: {error.strerror}.")
        return self._run(playing)

    @property
    def _newer(self) -> bool:
        return self._about is not None and self._about.format > FORMAT

    def _line(self, number: int, line: bytes, playing: Playing) -> bool:
        """Take a line in, and say whether the others are worth it."""
        try:
            if not playing.passed(line):
                self._take(Envelope.model_validate_json(line), playing)
        except ValidationError as error:
            if line.endswith(b"\n") or self._began is None:
                self._bad.append((number, _why(error)))
        except ValueError as error:
            self._bad.append((number, str(error)))
        return not (self._newer or (self._began is None and len(self._bad) >= _EXAMINED))

    def _take(self, envelope: Envelope, playing: Playing) -> None:
        if (started := envelope.run_started) is not None:
            self._began = started.timestamp.moment
        elif (finished := envelope.run_finished) is not None:
            self._ended, self._message = finished.timestamp.moment, finished.message
            self._success = finished.success
        elif (attachment := envelope.attachment) is not None and attachment.media == RUN:
            self._about = About.model_validate_json(attachment.body)
        else:
            playing.take(envelope)

    def _run(self, playing: Playing) -> Run | None:
        if self._newer and self._about:
            return self._skip(
                f"It is of format {self._about.format}, and what is known here is {FORMAT}: "
                "read it with the newer version that has written it."
            )
        if self._began is None or self._about is None:
            return self._skip(self._foreign())
        if self._bad:
            number, why = self._bad[0]
            more = len(self._bad) - 1
            others = f" So do{'es' if more == 1 else ''} {more} more line{'s'[: more > 1]}." if more else ""
            self.troubles.append(
                Trouble(path=self.path, line=number, why=f"{why}, so it was skipped.{others}")
            )
        about = self._about
        return Run(
            path=self.path,
            began=self._began,
            ended=self._ended,
            cut_short=self._ended is None or any(words in self._message for words in BROKEN_OFF),
            environment=about.environment,
            account=about.account,
            stage=about.stage,
            live=about.live,
            seed=about.seed,
            budgets=tuple(about.budgets.items()),
            message=self._message,
            scenarios=tuple(playing.scenarios(about.environment)),
        )

    def _foreign(self) -> str:
        if self._empty:
            return "It is empty: the run was killed before it began."
        if self._bad:
            return f"It isn't a rehearsal's: in line {self._bad[0][0]}, {_lowered(self._bad[0][1])}."
        missing = "when it began" if self._began is None else "for which environment it was"
        return f"It isn't a rehearsal's: nothing in it says {missing}."

    def _skip(self, why: str) -> Run | None:
        self.troubles[:] = [Trouble(path=self.path, why=why)]
        return None


def _why(error: ValidationError) -> str:
    """What is wrong with a line, in few words: what it holds may be anything, and isn't repeated."""
    first = error.errors(include_url=False, include_input=False, include_context=False)[0]
    if first["type"] == "json_invalid":
        return f"{_NOT_A_MESSAGE}: it isn't JSON"
    where = ".".join(str(each) for each in first["loc"])
    return f"{_NOT_A_MESSAGE}: {where or 'the whole of it'} isn't what the protocol says"


def _lowered(text: str) -> str:
    return text[:1].lower() + text[1:]
