"""Numbers that are given on the command line."""

from __future__ import annotations

import argparse


def whole_number(text: str) -> int:
    """Return the number that an option is given.

    Raises:
        argparse.ArgumentTypeError: it is none, or below 0.
    """
    if not (text.isascii() and text.isdecimal()):
        raise argparse.ArgumentTypeError(f'"{text}" is no number: give 0 or more')
    return int(text)
