"""What was read: every line in exactly one of three piles, and what the lines amounted to."""

from __future__ import annotations

from dataclasses import dataclass, field

MAX_SAMPLES = 5
_SAMPLE_LENGTH = 200


@dataclass(slots=True)
class Counts:
    """Counts of one file, or of several added up. ``lines == error_lines + other + unparsed``."""

    lines: int = 0
    error_lines: int = 0
    """Lines that belong to an error: its record, its traceback, its causes."""
    other: int = 0
    """Lines that are no error."""
    unparsed: int = 0
    """Lines that no format knows."""
    errors: int = 0
    tracebacks: int = 0
    """Errors that carry one."""
    cut: int = 0
    """Lines that were shortened or left out of an error because a bound was reached."""
    unread_times: int = 0
    """Errors whose time is written in a form that nobody knows, or lacks its day."""
    unread_time: str = ""
    """The first such time."""
    formats: dict[str, int] = field(default_factory=dict)
    """Lines, or first lines of records, by the format that knew them."""
    samples: list[tuple[int, str]] = field(default_factory=list)
    """The first unparsed lines with their numbers."""

    def not_parsed(self, number: int, line: str) -> None:
        """Count a line that no format knows, and keep the first few."""
        self.unparsed += 1
        if len(self.samples) < MAX_SAMPLES:
            self.samples.append((number, line[:_SAMPLE_LENGTH]))

    def time_not_read(self, text: str) -> None:
        """Count an error whose time cannot be read, and keep the first such time."""
        self.unread_times += 1
        self.unread_time = self.unread_time or text[:_SAMPLE_LENGTH]

    def take_back(self, number: int) -> None:
        """Count one line as parsed after all; it is none before ``number``."""
        self.unparsed -= 1
        self.samples = [sample for sample in self.samples if sample[0] < number]

    def known_by(self, name: str, lines: int = 1) -> None:
        """Count lines that a format knew."""
        if lines:
            self.formats[name] = self.formats.get(name, 0) + lines

    def add(self, other: Counts) -> None:
        """Add the counts of another file."""
        for name in ("lines", "error_lines", "other", "unparsed", "errors", "tracebacks", "cut", "unread_times"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        for name, lines in other.formats.items():
            self.known_by(name, lines)
        self.unread_time = self.unread_time or other.unread_time
        self.samples += other.samples[: MAX_SAMPLES - len(self.samples)]
