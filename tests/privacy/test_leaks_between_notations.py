"""Secrets beside others, behind hidden characters, and in notations of tools; and harmless texts that look alike."""

from __future__ import annotations

import pytest

from policy_engine.privacy import MARKER, compile_privacy

SCRUBBER = compile_privacy({}, {})
PW = "zQx9"


@pytest.mark.parametrize("joint", [",", ";", "|", " ", ", ", '"', "'", '","', "&u="])
@pytest.mark.parametrize("scheme", ["http", "https", "amqp", "redis", "postgresql+asyncpg"])
def test_every_url_of_a_list_loses_its_own_password_and_keeps_its_host(joint: str, scheme: str) -> None:
    text = joint.join(f"{scheme}://e:{PW}@es{number}:9200/" for number in range(3))
    assert SCRUBBER.text(text) == joint.join(f"{scheme}://{MARKER}@es{number}:9200/" for number in range(3))


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (f"http://a:b@c,http://u:{PW}@h", f"http://{MARKER}@c,http://{MARKER}@h"),
        (f"http://a:80/,http://u:{PW}@h", f"http://a:80/,http://{MARKER}@h"),
        (f"http://a:80,http://u:{PW}@h", f"http://a:80,http://{MARKER}@h"),
        (f"https://proxy?u=https://u:{PW}@h", f"https://proxy?u=https://{MARKER}@h"),
        (f"https://proxy:80/https://u:{PW}@h", f"https://proxy:80/https://{MARKER}@h"),
        (f"https://proxy?u=https%3A%2F%2Fu%3A{PW}%40h", f"https://proxy?u=https%3A%2F%2F{MARKER}%40h"),
        (f"http://u:{PW},a://{PW}@h", f"http://{MARKER}@h"),
        (f"https://api.telegram.org/bot123456:{PW}/send", f"https://api.telegram.org/bot{MARKER}/send"),
        (f"curl -u user:{PW} http://h", f"curl -u {MARKER} http://h"),
        (f"curl --user 'user:{PW}' http://h", f"curl --user '{MARKER}' http://h"),
        (f"['curl', '-u', 'user:{PW}']", f"['curl', '-u', '{MARKER}']"),
        (f"curl -su user:{PW} h", f"curl -su {MARKER} h"),
        (f"curl -uuser:{PW} h", f"curl -u{MARKER} h"),
        (f"http://h?x=//u:{PW}@h", f"http://h?x=//{MARKER}@h"),
        (f"http://h/x%20http://u:{PW}@h", f"http://h/x%20http://{MARKER}@h"),
        (f"password\u00a0\u21d2 {PW}", f"password\u00a0\u21d2 {MARKER}"),
        (f"password\uff1a{PW}", f"password\uff1a{MARKER}"),
        (f"login failed for x/{PW}@ORCL", f"login failed for {MARKER}@ORCL"),
        (f"login failed for x/{PW}@orcl", f"login failed for {MARKER}@orcl"),
        (f"sqlplus scott/{PW}@//db:1521/x", f"sqlplus {MARKER}@//db:1521/x"),
        (f"jdbc:oracle:thin:scott/{PW}@db:1521:x", f"{MARKER}@db:1521:x"),
        (f"password -> {PW}", f"password -> {MARKER}"),
        (f"password => {PW}", f"password => {MARKER}"),
        (f"%22password%22:%22{PW}%22", f"%22password%22:%22{MARKER}%22"),
        (f"%7B%22password%22%3A+%22{PW}%22%2C%22a%22%3A1%7D", f"%7B%22password%22%3A+%22{MARKER}%22%2C%22a%22%3A1%7D"),
    ],
)
def test_a_secret_is_masked_in_its_notation(text: str, shown: str) -> None:
    assert SCRUBBER.text(text) == shown
    assert SCRUBBER.text(shown) == shown


@pytest.mark.parametrize(
    "hidden", ["\u200b", "\u200e", "\u202e", "\ufeff", "\xad", "\u2060", "\ufe0f", "\x00", "\x1b[0m"]
)
def test_hidden_characters_do_not_part_a_name_from_its_secret(hidden: str) -> None:
    for text in (f"PASSWORD{hidden}={PW}", f"PASSWORD={hidden}{PW}", f"pass{hidden}word={PW}"):
        shown = SCRUBBER.text(text)
        assert PW not in shown
        assert SCRUBBER.text(shown) == shown
    assert PW not in str(SCRUBBER.mapping({f"pa{hidden}ssword": PW}))


@pytest.mark.parametrize("name", ["sig", "signature", "X-Sig", "request_signature"])
def test_a_signature_in_a_context_is_hidden_whatever_it_looks_like(name: str) -> None:
    assert SCRUBBER.mapping({name: PW}) == {name: MARKER}
    assert SCRUBBER.text(f"https://h/?{name}={PW}&a=1") == f"https://h/?{name}={MARKER}&a=1"
    assert SCRUBBER.text(f'{{"{name}": "{PW}"}}') == f'{{"{name}": "{MARKER}"}}'


@pytest.mark.parametrize(
    "text",
    [
        "http://a:80/,http://b:80/?next=https://c/@user",
        "https://web.archive.org/web/2024/https://example.com/@bob",
        "uses actions/checkout@v4 and org/tool@main",
        "image repo/app@sha256:0f1e2d failed to pull",
        "docker run -u 1000:1000 app",
        "docker run --user app:app image",
        "python -u script.py failed",
        "family \U0001f468\u200d\U0001f469\u200d\U0001f467 was not found",
        "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645",
        "password -> must be longer",
        "def get_token() -> str",
        "state closed -> open",
        "GET /robots.txt and /bot/status",
        "q=%22hello%22 was not found",
        "signature mismatch for the request",
        "function signature: foo(a, b) expected",
    ],
)
def test_a_text_that_looks_alike_and_hides_nothing_stays(text: str) -> None:
    assert SCRUBBER.text(text) == text
