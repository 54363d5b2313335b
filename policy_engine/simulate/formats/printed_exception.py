"""One exception as an interpreter prints it, alone: header, frames, and the line that names it with its message.

Knows no chains and no groups. A traceback that was cut gives what it has.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from policy_engine.model import Frame, short_name

HEADER = "Traceback (most recent call last)"
BOX = "\N{BOX DRAWINGS LIGHT ARC DOWN AND RIGHT}\N{BOX DRAWINGS LIGHT HORIZONTAL}"
"""Where a box begins that Rich draws around a traceback."""
QUOTES = '"""'
"""What the traceback of another process is put between, in the message of the exception that brings it."""
MAX_FRAMES = 64
_MAX_REPEATS = 10_000
_MAX_REMEMBERED = 8192

# All begin with a literal, so that the search for it is a fast one.
_NAMING_LINE = re.compile(r"\n(?=\S)(?!Traceback \(most recent)")
_FRAMES = re.compile(r'\n  File "(.+?)", line (\d{1,9}), in (.+)')
_FRAMES_AND_REPEATS = re.compile(
    r'\n  (?:File "(.+?)", line (\d{1,9}), in (.+)|\[Previous line repeated (\d{1,9}) more times?\])'
)
_SYNTAX_PLACE = re.compile(r'^[ \t]+File "(.*?)", line (\d{1,9})[ \t]*$', re.MULTILINE)
_NAMED = re.compile(r"([^\W\d][\w.<>]*)(?:: ?(.*))?\Z")
_MARKED_FRAME = '\n> File "'
_BOX_SIDES = ("\N{BOX DRAWINGS LIGHT VERTICAL}", "\N{BOX DRAWINGS LIGHT ARC UP AND RIGHT}", BOX[0])
_BOXED_FRAME = re.compile(r"(\S.*):(\d{1,9}) in (.+)")
_SYNTAX_ERRORS = frozenset({"SyntaxError", "IndentationError", "TabError"})

_WIDE_BLANK = "\n\xa0"  # what AWS Lambda indents with
CALL_STACK = "Call stack:"
"""What `logging` prints the way to a record under that could not be written."""
_APPENDED = (HEADER, BOX, "\n: ", "\tat ", CALL_STACK)

_Row = tuple[str, str, str]


class PrintedException(NamedTuple):
    """What was printed of one exception; ``type`` is empty where that line is missing."""

    type: str
    message: str
    stack: tuple[Frame, ...]


def read_exception(text: str) -> PrintedException:
    """Read one exception; what stands above its header is left out."""
    text = as_interpreters_print(text)
    header = _header_in(text)
    if header or not text[:1].strip():
        naming = _NAMING_LINE.search(text, header)
        end = len(text) if naming is None else naming.end()
    else:
        end = 0  # no traceback was printed
    stack = stack_in(text, header, end)
    if end == len(text):
        return PrintedException("", "", stack)
    first, _, rest = text[end:].partition("\n")
    named = _NAMED.match(first)
    name, message = ("", first) if named is None else (short_name(named[1]), named[2] or "")
    if name.rpartition(".")[2] in _SYNTAX_ERRORS:
        message += _place_of_syntax_error(text, end)
    if rest:
        message = f"{message}\n{_without_appended(rest)}".rstrip()
    return PrintedException(name, message.rstrip(), stack)


def as_interpreters_print(text: str) -> str:
    """Undo what loguru and Rich make of a traceback: a mark at the frame that caught it, a box around all frames."""
    text = _without_margin(text)
    if _WIDE_BLANK in text:
        text = text.replace("\xa0", " ")
    if BOX in text:
        text = _unboxed(text)
    return text.replace(_MARKED_FRAME, '\n  File "') if _MARKED_FRAME in text else text


def _without_margin(text: str) -> str:
    """Move a traceback to the left that somebody printed with a margin before its header and all that follows."""
    header = text.find(HEADER)
    start = text.rfind("\n", 0, header) + 1
    if header < 0 or text[start : start + 1] not in (" ", "\t"):
        return text
    before = text[start:header].lstrip(" \t")
    if before and not before.startswith(BOX[0]):
        return text
    margin = text[start : header - len(before)]
    return ("\n" + text).replace("\n" + margin, "\n")[1:]


def stack_in(text: str, start: int = 0, end: int | None = None) -> tuple[Frame, ...]:
    """Return the frames in a stretch of a traceback, outermost first; of a deep stack both ends, as `capture` does."""
    end = len(text) if end is None else end
    if text.startswith("  File", start):
        text, end = "\n" + text, end + 1
    if text.find("[Previous line repeated", start, end) >= 0:
        return _frames(_unrolled(text, start, end))
    last = text.rfind('\n  File "', start, end)
    if last < 0:
        return ()
    # The same few stacks come again and again, each time with another message under it.
    printed = text[start : (text.find("\n", last + 1, end) + 1) or end]
    return _plain_stack(printed) if len(printed) <= _MAX_REMEMBERED else _frames(_FRAMES.findall(printed))


@lru_cache(maxsize=1024)
def _plain_stack(printed: str) -> tuple[Frame, ...]:
    return _frames(_FRAMES.findall(printed))


def _frames(rows: list[_Row]) -> tuple[Frame, ...]:
    if len(rows) > MAX_FRAMES:
        rows = rows[: MAX_FRAMES // 2] + rows[-(MAX_FRAMES // 2) :]
    return tuple([Frame(file, int(line), function) for file, line, function in rows])


def _unboxed(text: str) -> str:
    lines = []
    for line in text.split("\n"):
        if line.startswith(BOX[0]) and HEADER in line:
            lines.append(f"{HEADER}:")
        elif line.startswith(_BOX_SIDES):
            inside = line.strip(_BOX_SIDES[0] + " ")
            frame = _BOXED_FRAME.match(inside)
            lines.append(f"    {inside}" if frame is None else '  File "{}", line {}, in {}'.format(*frame.groups()))
        else:
            lines.append(line)
    return "\n".join(lines)


def _unrolled(text: str, start: int, end: int) -> list[_Row]:
    rows: list[_Row] = []
    for file, line, function, repeats in _FRAMES_AND_REPEATS.findall(text, start, end):
        if not repeats:
            rows.append((file, line, function))
        elif rows:
            rows += rows[-1:] * min(int(repeats), _MAX_REPEATS)
    return rows


def _header_in(text: str) -> int:
    """Where the traceback's own header ends; 0 where there is none."""
    if QUOTES not in text:
        return _end_of_header(text)
    quoted = False
    position = 0
    for line in text.split("\n"):
        position += len(line) + 1
        if line == QUOTES:
            quoted = not quoted
        elif not quoted and HEADER in line:
            return position - 1
    return 0


def _end_of_header(text: str) -> int:
    start = text.find(HEADER)
    while start >= 0:
        end = text.find("\n", start)
        end = len(text) if end < 0 else end
        if not text[start + len(HEADER) : end].strip(": \t"):
            return end
        start = text.find(HEADER, end)
    return 0


def _place_of_syntax_error(text: str, end: int) -> str:
    """What ``str(error)`` adds to a syntax error's message: the place that is printed above it."""
    places = _SYNTAX_PLACE.findall(text, 0, end)
    if not places:
        return ""
    file, line = places[-1]
    name = file.replace("\\", "/").rpartition("/")[2]
    return f" ({name}, line {line})"


def _without_appended(rest: str) -> str:
    """A message's further lines, up to a traceback or a stack that somebody put after it, if not quoted."""
    if not (rest.startswith(": ") or any(each in rest for each in _APPENDED)):
        return rest
    kept = []
    quoted = False
    for line in rest.split("\n"):
        if line == QUOTES:
            quoted = not quoted
        elif not quoted and _is_appended(line):
            break
        kept.append(line)
    return "\n".join(kept)


def _is_appended(line: str) -> bool:
    if line.startswith("\tat ") or line == CALL_STACK:
        return True
    return line.lstrip().startswith((": ", HEADER, BOX)) or line.rstrip(": ").endswith(HEADER)
