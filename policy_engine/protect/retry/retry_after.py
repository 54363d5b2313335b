"""When the other side says to come back: the ``Retry-After`` of an error, in seconds from now.

Found where clients put it: ``error.retry_after``, or the headers of ``error.response`` or of the error itself. Seconds
and HTTP dates in all three of their forms (RFC 9110, 5.6.7 and 10.2.3) are understood; what is not is as if it were not
there.
"""

from __future__ import annotations

import math


def retry_after(error: BaseException, wall_time: float) -> float | None:
    """Seconds to wait, 0 or more; ``None`` where the error does not say. ``wall_time`` is seconds since 1970."""
    said = getattr(error, "retry_after", None)
    if said is None:
        said = _header(getattr(error, "response", None)) or _header(error)
    return _seconds(said, wall_time)


def _header(holder: object) -> object:
    headers = getattr(holder, "headers", None)
    look_up = getattr(headers, "get", None)
    return None if look_up is None else look_up("Retry-After") or look_up("retry-after")


def _seconds(said: object, wall_time: float) -> float | None:
    if isinstance(said, str):
        said = _number_or_date(said.strip(), wall_time)
    if isinstance(said, bool) or not isinstance(said, int | float) or not math.isfinite(said):
        return None
    return max(0.0, float(said))


def _number_or_date(text: str, wall_time: float) -> float | None:
    if text.isdecimal():
        return float(text)
    from datetime import UTC  # here, because they pull in sockets and calendars
    from email.utils import parsedate_to_datetime

    try:
        date = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    # A date without a zone, as asctime writes it, is UTC and not this machine's time.
    return (date if date.tzinfo else date.replace(tzinfo=UTC)).timestamp() - wall_time
