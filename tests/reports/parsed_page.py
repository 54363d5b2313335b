"""A page as a parser sees it: what it is made of, its texts, its tables."""

from __future__ import annotations

from html.parser import HTMLParser

VOID = {"meta", "br", "hr", "img", "input", "link"}


class ParsedPage(HTMLParser):
    """Reads a page, and fails where its elements are not closed in order."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.tags: set[str] = set()
        self.attributes: list[tuple[str, str, str]] = []
        self.texts: list[tuple[str, str]] = []
        """Each text with the element that it stands in."""
        self.tables: list[list[list[str]]] = []
        self.feed(html)
        self.close()
        assert not self.open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes += [(tag, name, value or "") for name, value in attrs]
        if tag == "table":
            self.tables.append([])
        elif tag == "tr":
            self.tables[-1].append([])
        elif tag in ("td", "th"):
            self.tables[-1][-1].append("")
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes += [(tag, name, value or "") for name, value in attrs]

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.texts.append((self.open[-1] if self.open else "", data))
        if {"td", "th"} & set(self.open):
            self.tables[-1][-1][-1] += data

    @property
    def text(self) -> str:
        """All text but the style sheet."""
        return "".join(data for tag, data in self.texts if tag != "style")

    def inside(self, tag: str) -> list[str]:
        """The texts that stand directly in elements of this name."""
        return [data for name, data in self.texts if name == tag]

    def table(self, first_heading: str) -> list[list[str]]:
        """The rows of the table whose first heading is this, without that row."""
        (rows,) = (rows for rows in self.tables if rows[0][0] == first_heading)
        return rows[1:]
