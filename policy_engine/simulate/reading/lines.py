"""A file's lines, whatever its size and its bytes.

Reads block by block in bounded memory: a line longer than `MAX_LINE` is cut and what was dropped is counted. gzip is
known by its first bytes, UTF-16 by its mark; undecodable bytes are replaced, colours and NULs taken out. A gzip stream
that is cut short gives what it has, and `Lines.problem` says so.
"""

from __future__ import annotations

import codecs
import gzip
import io
import re
import zlib
from collections.abc import Callable, Iterator

MAX_LINE = 1 << 20
_BLOCK = 1 << 18
_COLOURS = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
_GZIP = b"\x1f\x8b"
_UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


class Lines:
    """The lines of a binary stream, without their ends. Iterate once."""

    def __init__(self, stream: io.BufferedReader, *, on_block: Callable[[], object] | None = None) -> None:
        """Read from ``stream``; ``on_block`` is called with each block that was read."""
        self._on_block = on_block
        self._stream: io.BufferedReader | gzip.GzipFile = stream
        self.bytes_read = 0
        """Of text, after unpacking."""
        self.bytes_cut = 0
        """Of lines that were too long."""
        self.lines_cut = 0
        self.problem = ""
        """Why reading ended before the end, where it did."""
        if stream.peek(2)[:2] == _GZIP:
            self._stream = gzip.GzipFile(fileobj=stream, mode="rb")

    def __iter__(self) -> Iterator[str]:
        rest = b""
        blocks = self._blocks()
        for block in blocks:
            rest += block
            end = rest.rfind(b"\n")
            if end >= 0:
                whole, rest = rest[:end], rest[end + 1 :]
                yield from _text(whole).split("\n")
            elif len(rest) >= MAX_LINE:
                line, rest = rest[:MAX_LINE], self._after(rest[MAX_LINE:], blocks)
                yield _text(line)
        if rest:
            yield from _text(rest.removesuffix(b"\n")).split("\n")

    def _after(self, rest: bytes, blocks: Iterator[bytes]) -> bytes:
        """Drop what is left of a line and return what follows it."""
        self.lines_cut += 1
        while (end := rest.find(b"\n")) < 0:
            self.bytes_cut += len(rest)
            rest = next(blocks, b"\n")
        self.bytes_cut += end
        return rest[end + 1 :]

    def _blocks(self) -> Iterator[bytes]:
        """Blocks of UTF-8."""
        block = self._next_block().removeprefix(codecs.BOM_UTF8)
        decoder = codecs.getincrementaldecoder("utf-16")("replace") if block[:2] in _UTF_16 else None
        while block:
            if decoder is not None:
                block = decoder.decode(block).encode("utf-8", "replace")
            self.bytes_read += len(block)
            if self._on_block is not None:
                self._on_block()
            yield block
            block = self._next_block()

    def _next_block(self) -> bytes:
        try:
            return self._stream.read1(_BLOCK)
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            self.problem = f"its gzip stream is damaged or cut short: {error}"
        except OSError as error:
            self.problem = f"reading it failed: {error.strerror or error}"
        return b""


def _text(data: bytes) -> str:
    text = data.decode("utf-8", "replace")
    if "\r" in text:
        text = text.replace("\r\n", "\n").removesuffix("\r")
    if "\0" in text:
        text = text.replace("\0", "")
    if "\x1b" in text:
        text = _COLOURS.sub("", text)
    return text
