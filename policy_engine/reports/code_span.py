"""Untrusted text in Markdown: as code, shown as it is, with nothing in it that could be markup."""

from __future__ import annotations

from policy_engine.reports.words import line


def code(text: str, most: int = 120) -> str:
    """Return a text as code of at most ``most`` characters, in a table's cell too, whatever backticks it holds."""
    text = line(text, most).replace("|", "\\|")
    runs = {len(run) for run in "".join(each if each == "`" else " " for each in text).split()}
    fence = "`" * next(length for length in range(1, len(runs) + 2) if length not in runs)
    padding = " " if "`" in text else ""
    return f"{fence}{padding}{text or ' '}{padding}{fence}"
