"""One error of a log while its lines still come in: which further lines belong to it.

Knows the shape of tracebacks, not of logs. A line comes with its record's prefix taken off, or never had one. Rules:
an indented line belongs to a traceback that runs; one record is one error, however many tracebacks it holds; where no
record frames a traceback, a blank line ends its message unless an exception that it caused follows.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from enum import Enum
from typing import NamedTuple

from policy_engine.simulate.formats.java_trace import starts_java_trace
from policy_engine.simulate.formats.line_format import LineFormat, Match, Parts
from policy_engine.simulate.formats.printed_exception import HEADER
from policy_engine.simulate.formats.traceback import is_header, is_marker, names_exception, starts_traceback
from policy_engine.simulate.reading.bounded import BoundedLines

_INDENTED = (
    " ",
    "\t",
    "|",
    "+",
    "> File ",
    "\N{BOX DRAWINGS LIGHT VERTICAL}",
    "\N{BOX DRAWINGS LIGHT ARC UP AND RIGHT}",
)
_MAX_LINES_OF_MESSAGE = 300
_LOGGING_ERROR = "--- Logging error ---"
ANNOUNCEMENTS = (
    _LOGGING_ERROR,
    "Exception in thread ",
    "Exception ignored ",
    "Unhandled exception in thread",
    "Task exception was never retrieved",
    "Future exception was never retrieved",
    "Fatal Python error: ",
)
"""What the interpreter prints before a traceback that no logger writes: an error of its own, whatever it follows."""
IGNORED = re.compile(r"Exception ([A-Za-z_][\w.]*): (.*) in <.*> ignored\s*\Z")
"""The same of Python 2, on one line."""
_FUTURE = "future: "
_ENDS_OF_LOGGING_ERROR = ("Arguments: ", "Use the traceback above to help find the error.")
# What Java puts before the traceback of a Python process, and Spark between two stacks of one error.
_BEFORE_QUOTED = ("Caused by: ", "Suppressed: ", ": ")
_BETWEEN_STACKS = "Driver stacktrace:"


def announces(text: str) -> bool:
    """Whether the interpreter announces an error of its own on this line."""
    return text.startswith(ANNOUNCEMENTS) or is_ignored(text)


def is_ignored(text: str) -> bool:
    """Whether Python 2 tells on this line alone of an exception that nobody could catch."""
    # By its end first: to seek it from each place that may be the last but one takes long on a long line.
    return text.startswith("Exception ") and text.rstrip().endswith("> ignored") and IGNORED.match(text) is not None


class Where(Enum):
    """Which part of an error the last line belonged to."""

    TEXT = "no traceback has begun"
    FRAMES = "inside a traceback"
    AFTER = "the exception was named"
    JOINED = "another exception of the chain follows"


class Quiet(NamedTuple):
    """The first line of a record: no error as long as neither its level nor a traceback makes it one."""

    first_line: int
    line_format: LineFormat | None
    match: Match | None
    outer: Parts | None = None
    """What was put around the line of a process; the record itself where the process wrote none."""
    rest: str = ""
    """Further lines of the record that came on the same line."""

    @property
    def is_alone(self) -> bool:
        """Whether no further line can be its own."""
        return self.line_format is not None and self.line_format.alone

    def parts(self) -> Parts:
        """What the line says."""
        if self.line_format is None or self.match is None:
            return self.outer or Parts("")
        parts = self.line_format.parts(self.match)
        if self.rest:
            parts = parts._replace(message=f"{parts.message}\n{self.rest}")
        return parts if self.outer is None else parts.inside(self.outer)


class OpenError:
    """The lines of one error, and what it takes for one more to belong to it."""

    def __init__(
        self,
        first_line: int,
        parts: Parts | None = None,
        *,
        framed: bool = False,
        origin: Quiet | None = None,
        announced: bool = False,
    ) -> None:
        """Open an error at a line.

        ``framed`` where its record's first line and that of the next hold it together; ``origin`` is the record that
        turned out to carry it, or after which it stands; ``announced`` where its first line is one of `ANNOUNCEMENTS`.
        """
        self.first_line = first_line
        self.last_line = first_line
        self.parts = parts
        self.origin = origin
        self.framed = framed
        self.announced = announced
        self.lines = 0
        self.text = BoundedLines()
        self.trace_at: int | None = None
        self.where = Where.TEXT
        self.quoted = False
        self.blanks = 0
        self.closed = False
        self.stream: tuple[str, ...] = ()
        self.end: Callable[[OpenError], object] = _nobody
        """Ends it. Both are set by who keeps it open."""
        self._after = 0
        self._last_text = ""
        self._level = "" if parts is None else parts.level
        self._complete = False
        self._prefixed: Parts | None = None  # the last line, if it had the prefix
        self._whole_prefix = False  # whether the lines of its traceback repeat what else tells that a record begins

    def add(self, text: str, number: int) -> None:
        """Take one more line."""
        for _ in range(self.blanks):
            self.add_uncounted("")
        self.lines += 1 + self.blanks
        self.blanks = 0
        self.last_line = number
        self._prefixed = None
        self.add_uncounted(text)

    def add_uncounted(self, text: str) -> None:
        """Take text that is no line of its own."""
        if text == '"""' and (self.quoted or self._last_text.endswith(":")):
            self.quoted = not self.quoted
        elif not self.quoted:
            self.where = _moved(self.where, text)
        self._last_text = text.rstrip()
        self._after = self._after + 1 if self.where is Where.AFTER else 0
        if self.announced and (text.startswith(_ENDS_OF_LOGGING_ERROR) or is_ignored(text)):
            self._complete = True
        if self._after > _MAX_LINES_OF_MESSAGE:
            self.text.cut += 1  # more of it would push the exception's name out of what is kept
        else:
            self.text.add(text)

    def add_prefixed(self, parts: Parts, number: int) -> None:
        """Take a line that has the record's prefix: from where they are a traceback on, it is this error's own."""
        if self.trace_at is None and starts_traceback(parts.message):
            self.trace_at = self.text.count
            self.where = Where.TEXT
            self._level = parts.level
            self._whole_prefix = bool(parts.begins)
        self.add(parts.message, number)
        self._prefixed = parts

    def wait_for_more(self) -> None:
        """Take a blank line, if the line after it belongs to this error."""
        self.blanks += 1

    def takes_prefixed(self, parts: Parts) -> bool:
        """Whether a line that looks like a record of the same writer is one more line of this error."""
        own, text = self.parts, parts.message
        if own is None or parts.logger != own.logger or (parts.request and parts.serves_another(own)):
            return False
        same = parts.identity == own.identity
        if parts.begins and not (self._whole_prefix or (same and own.begins and starts_traceback(text))):
            return False
        if same and own.begins and parts.begins is False:
            return True
        indented = is_indented(text)
        if self.where is Where.TEXT:
            # Without a time, two records have the same prefix as easily as two lines of one.
            goes_on = indented or (self._last_text.endswith(":") and own.is_fine)
            return same and ((goes_on and parts.time != "") or starts_traceback(text) or is_marker(text))
        if self.trace_at is None:
            # Its traceback came without the prefix, so a line that has it begins another record, of the same
            # thousandth of a second though it may be.
            return False
        if parts.level != self._level:
            return False
        if indented or is_marker(text) or self.where is Where.JOINED:
            return True
        if self.where is Where.FRAMES:
            return not self.is_cut_by(text) and (same or _names_exception(text))
        # Within one second many records are written, within one thousandth hardly two.
        return same and own.is_fine

    @property
    def is_in_message(self) -> bool:
        """Whether its exception's message goes on below the line that names it, or says that it does."""
        return self.where is Where.AFTER and (self._after > 1 or self._last_text.endswith(":"))

    def ends_before(self, parts: Parts) -> bool:
        """Whether a line with its very prefix begins the traceback of another record, of the same instant."""
        ended = self.trace_at is not None and self.where is Where.AFTER and not self.quoted
        return ended and parts.begins is not False and is_header(parts.message)

    def give_up_last(self) -> tuple[int, Parts] | None:
        """Give up a text below the exception's name, which turned out to be another record's; None where none is."""
        last = self._prefixed
        if last is None or is_indented(last.message) or last.message.rstrip() != self._last_text:
            return None
        if not 1 < self._after <= _MAX_LINES_OF_MESSAGE:
            return None
        self.text.drop_last()
        self.lines -= 1
        return self.last_line, last

    def is_of(self, parts: Parts) -> bool:
        """Whether a line has the very prefix of this error."""
        own = self.parts
        return own is not None and parts.identity == own.identity and not parts.serves_another(own)

    def is_cut_by(self, text: str) -> bool:
        """Whether another traceback begins before this one came to its exception's name."""
        return self.where is Where.FRAMES and HEADER not in self._last_text and _begins_another(text)

    def seems_to_go_on(self, text: str) -> bool:
        """Whether a line goes on with this error for what it says, where its form would allow it to be a record."""
        if self.where in (Where.FRAMES, Where.JOINED):
            return True
        return is_indented(text) or is_marker(text) or (self.where is Where.TEXT and starts_traceback(text))

    def takes(self, text: str) -> bool:
        """Whether a line without a prefix is one more line of this error."""
        if self.quoted or self.where is Where.JOINED or (self.framed and HEADER not in text):
            return True
        if self.framed:
            return not self.is_cut_by(text)
        if self.where is Where.TEXT:
            if self._complete:
                return False
            if self.announced and (self.lines == 1 or self._last_text.startswith(_FUTURE)):
                begins = starts_traceback(text) or starts_java_trace(text)
                return begins or text.startswith(_FUTURE) or names_exception(text)
            return self.lines < 2 and (starts_traceback(text) or starts_java_trace(text))
        if self.where is Where.FRAMES:
            return not self.is_cut_by(text)
        if self._complete:
            return False
        if self.blanks:
            return (
                is_marker(text) or text == _BETWEEN_STACKS or (text.startswith(_INDENTED) and not _begins_another(text))
            )
        return not _begins_another(text)

    def waits_at(self, text: str) -> bool:
        """Whether a line ends this error unless the next one goes on with it."""
        return not (self.framed or self.quoted) and self.where is Where.AFTER and not text.strip()


def _begins_another(text: str) -> bool:
    return is_header(text) and not text.startswith(_BEFORE_QUOTED)


def _nobody(opened: OpenError) -> None:
    """Nobody keeps it open yet."""


def is_indented(text: str) -> bool:
    """Whether a line is blank, indented, or on the rails and in the boxes that are drawn around tracebacks."""
    return not text or text.startswith(_INDENTED)


def _moved(where: Where, text: str) -> Where:
    if where is Where.FRAMES:
        if is_indented(text):
            return Where.AFTER if _closes_tree(text) else where
        if HEADER in text:
            return where
        return Where.JOINED if is_marker(text) else Where.AFTER
    if (where is Where.TEXT and starts_traceback(text)) or is_header(text) or starts_java_trace(text):
        return Where.FRAMES
    if is_marker(text):
        return Where.JOINED
    return Where.AFTER if where is Where.JOINED and text.strip() else where


def _closes_tree(text: str) -> bool:
    return text.startswith(" ") and len(text) > 20 and text.strip().strip("-") == "+"


def _names_exception(text: str) -> bool:
    name = text.partition(":")[0]
    return HEADER in text or name.replace(".", "").replace("_", "").isalnum()
