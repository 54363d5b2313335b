"""What scrubbing costs: an ordinary error, errors that bring secrets, and a message of ten megabytes.

Run it with ``python -m benchmarks.scrub``. The wanted bounds: 15 us for an ordinary error with ten context fields, 1 ms
for the ten megabytes, which are cut before they are looked at.
"""

from __future__ import annotations

from collections.abc import Callable

from benchmarks.rounds import alternate
from policy_engine.privacy import compile_privacy

ROUNDS = 21
CALLS = 200

MESSAGE = "could not connect to server: Connection refused (host db-3.internal, port 5432) after 3 attempts"
CONTEXT: dict[str, object] = {
    "user_id": "12345",
    "request_id": "req_01HQ3K4M5N6P7",
    "endpoint": "/api/v1/orders/77",
    "method": "POST",
    "attempt": 3,
    "elapsed": 0.73,
    "cached": False,
    "region": "eu-west-1",
    "peer": None,
    "trace": "4bf92f3577b34da6a3ce929d0e0e4736",
}
SECRET_MESSAGE = "login of bob@example.com failed: password=hunter2 refused by postgresql://app:hunter2@db:5432/shop"
SECRET_CONTEXT: dict[str, object] = {
    **CONTEXT,
    "password": "hunter2",
    "headers": [("Authorization", "Bearer abc123def456"), ("Accept", "*/*")],
    "body": {"user": "bob", "token": "abc123def456", "items": [1, 2, 3]},
}
TALKING_MESSAGE = "the session expired: the token of user 12345 must be refreshed before the key is used, code 401"
TEN_MEGABYTES = "all work and no play " * 500_000
CUT_MESSAGE = "no password but the token of a key " * 240


def main() -> None:
    scrubber = compile_privacy({}, {})

    def error(message: str, context: dict[str, object]) -> Callable[[], object]:
        return lambda: (scrubber.text(message), scrubber.mapping(context))

    seconds = alternate(
        {
            "an ordinary error: message and ten fields": error(MESSAGE, CONTEXT),
            "  its message": lambda: scrubber.text(MESSAGE),
            "  its ten fields": lambda: scrubber.mapping(CONTEXT),
            "a message that talks of secrets": lambda: scrubber.text(TALKING_MESSAGE),
            "an error with secrets: 3 and 4 of them": error(SECRET_MESSAGE, SECRET_CONTEXT),
        },
        rounds=ROUNDS,
        calls=CALLS,
    )
    seconds |= alternate(
        {
            "a message of 10 MB": lambda: scrubber.text(TEN_MEGABYTES),
            "8,192 characters full of names": lambda: scrubber.text(CUT_MESSAGE),
        },
        rounds=ROUNDS,
        calls=3,
    )
    for name, value in seconds.items():
        print(f"  {name:<44} {value * 1e6:10.2f} us")


if __name__ == "__main__":
    main()
