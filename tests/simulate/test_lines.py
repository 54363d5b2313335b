"""Files read line by line, whatever their size and bytes."""

from __future__ import annotations

import gzip
import io
import tracemalloc

from policy_engine.simulate.reading.lines import MAX_LINE, Lines


def lines_of(data: bytes) -> list[str]:
    return list(Lines(io.BufferedReader(io.BytesIO(data))))  # type: ignore[arg-type]


class Endless(io.RawIOBase):
    """A stream of one repeated byte."""

    def __init__(self, size: int) -> None:
        self._left = size

    def readable(self) -> bool:
        return True

    def readinto(self, buffer) -> int:
        size = min(len(buffer), self._left)
        buffer[:size] = b"x" * size
        self._left -= size
        return size


def test_lines_end_at_line_feeds_with_or_without_a_carriage_return():
    assert lines_of(b"a\r\nb\n\nc") == ["a", "b", "", "c"]
    assert lines_of(b"a\n") == ["a"]
    assert lines_of(b"") == []


def test_bytes_that_are_no_text_are_replaced():
    assert lines_of(b"caf\xe9\n\xf0\x9f\x92\xa5") == ["caf\ufffd", "\U0001f4a5"]


def test_a_byte_order_mark_is_no_text():
    assert lines_of(b"\xef\xbb\xbfa\nb") == ["a", "b"]
    assert lines_of("a\nä".encode("utf-16")) == ["a", "ä"]


def test_colours_and_the_holes_of_a_truncated_file_are_taken_out():
    assert lines_of(b"\x1b[31mERROR\x1b[0m bad\n\0\0\0next") == ["ERROR bad", "next"]


def test_gzip_is_known_by_its_first_bytes():
    assert lines_of(gzip.compress(b"a\nb\n")) == ["a", "b"]
    assert lines_of(gzip.compress(b"a\n") + gzip.compress(b"b\n")) == ["a", "b"]


def test_a_gzip_stream_that_is_cut_short_gives_what_it_has_and_says_so():
    whole = gzip.compress(bytes(range(33, 123)) * 2000 + b"\nend\n")
    lines = Lines(io.BufferedReader(io.BytesIO(whole[: len(whole) // 2])))  # type: ignore[arg-type]
    assert list(lines)
    assert "cut short" in lines.problem


def test_a_line_that_is_too_long_is_cut_and_what_was_dropped_is_counted():
    data = b"a\n" + b"x" * (3 * MAX_LINE) + b"\nb\nc\n"
    lines = Lines(io.BufferedReader(io.BytesIO(data)))  # type: ignore[arg-type]
    found = list(lines)
    assert [found[0], *found[2:]] == ["a", "b", "c"]
    assert len(found[1]) + lines.bytes_cut == 3 * MAX_LINE
    assert lines.lines_cut == 1


def test_a_file_without_line_feeds_does_not_eat_memory():
    tracemalloc.start()
    lines = list(Lines(io.BufferedReader(Endless(200 * MAX_LINE))))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(lines) == 1
    assert peak < 8 * MAX_LINE
