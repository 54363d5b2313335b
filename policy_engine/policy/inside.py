"""Where a character of a text value stands in its file: exact where the file has the text as it is, without escapes."""

from __future__ import annotations

from policy_engine.policy.diagnostics import Span
from policy_engine.policy.document import Document, Path


def locate_inside(document: Document, path: Path, start: int, length: int) -> Span | None:
    """Return the place of ``length`` characters of the text at ``path``, from ``start`` (from 0).

    The place of the whole value where the text is written with escapes, or on several lines.
    """
    span = document.locate(path)
    if span is None or span.line != span.end_line:
        return span
    text = next(file.text for file in document.files if file.name == span.file)
    written = text.split("\n")[span.line - 1][span.column - 1 : span.end_column - 1]
    if written[:3] in ("'''", '"""') or "\\" in (written if written[:1] == '"' else ""):
        return span
    column = span.column + 1 + start
    return Span(span.file, span.line, column, span.line, min(column + max(1, length), span.end_column))
