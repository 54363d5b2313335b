"""What a program registered by name, for policies to call."""

from __future__ import annotations

from collections.abc import Callable

from policy_engine.errors import UnknownNameError
from policy_engine.forks import ForkSafeLock


class Registry:
    """Functions by name; who reads while another registers sees the one or the other, whole."""

    def __init__(self) -> None:
        self._lock = ForkSafeLock()
        self._functions: dict[str, Callable[..., object]] = {}

    def put(self, name: str, function: Callable[..., object]) -> None:
        """Keep ``function`` under ``name``, in place of what was there."""
        with self._lock:
            self._functions = {**self._functions, name: function}

    def get(self, name: str) -> Callable[..., object]:
        """Return the function ``name``.

        Raises:
            UnknownNameError: there is none; the text names those there are.
        """
        try:
            return self._functions[name]
        except KeyError:
            known = ", ".join(sorted(self._functions)) or "none"
            raise UnknownNameError(f'no function is registered as "{name}" (registered: {known})') from None
