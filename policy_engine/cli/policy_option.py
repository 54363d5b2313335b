"""The option by which a command that reads errors is told its policy."""

from __future__ import annotations

import argparse


def add_policy_option(parser: argparse.ArgumentParser) -> None:
    """Add ``-p POLICY``, which may be repeated; ``arguments.policy`` is ``None`` without it."""
    parser.add_argument(
        "-p",
        "--policy",
        action="append",
        metavar="POLICY",
        help="a policy's file or folder; several are layers, the last one wins; without it, the shipped one",
    )
