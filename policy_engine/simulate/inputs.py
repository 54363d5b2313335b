"""What a replay reads: files, or what comes on standard input."""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path

STANDARD_INPUT = "-"
_GZIP = b"\x1f\x8b"


@dataclass(frozen=True, slots=True)
class Input:
    """One input by its name on the command line: a file's path, or ``-``."""

    name: str

    @property
    def shown(self) -> str:
        """How people are told of it."""
        return "standard input" if self.name == STANDARD_INPUT else self.name

    def written(self, now: float) -> float:
        """When it was last written: the year of log times that have none."""
        return now if self.name == STANDARD_INPUT else Path(self.name).stat().st_mtime

    def size(self) -> int | None:
        """How many bytes there are to read; ``None`` for standard input, and for a file that is packed."""
        if self.name == STANDARD_INPUT:
            return None
        with Path(self.name).open("rb") as file:
            packed = file.read(2) == _GZIP
        return None if packed else Path(self.name).stat().st_size

    def is_file(self, name: str) -> bool:
        """Whether ``name`` is this very file, be it by another path or a link."""
        path = Path(name)
        return self.name != STANDARD_INPUT and path.exists() and path.samefile(self.name)

    def probe(self) -> None:
        """See whether it can be opened; standard input always can.

        Raises:
            OSError: it is not there, or cannot be read.
        """
        if self.name != STANDARD_INPUT:
            with Path(self.name).open("rb"):
                pass

    def open(self) -> io.BufferedReader:
        """Open it for reading.

        Raises:
            OSError: it is not there, or cannot be read.
        """
        if self.name == STANDARD_INPUT:
            return io.BufferedReader(io.FileIO(0, closefd=False))
        return Path(self.name).open("rb")
