"""Texts: what is cut, what is made safe, what is masked and what stays around it."""

from __future__ import annotations

import pytest

from policy_engine.privacy import DETECTORS, MARKER, compile_privacy

SCRUBBER = compile_privacy({}, {"message_length": 200})
LONG = compile_privacy({}, {})


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("password=hunter2", f"password={MARKER}"),
        ("password=hunter2, user=bob", f"password={MARKER}, user=bob"),
        ("a=1&password=hunter2&b=2", f"a=1&password={MARKER}&b=2"),
        ('{"password": "hunter2", "user": "bob"}', f'{{"password": "{MARKER}", "user": "bob"}}'),
        ('{"pin": 1234, "n": 5}', f'{{"pin": {MARKER}, "n": 5}}'),
        ("postgresql://app:hunter2@db:5432/shop?x=1", f"postgresql://{MARKER}@db:5432/shop?x=1"),
        ("Server=db;Pwd=hunter2;Database=x", f"Server=db;Pwd={MARKER};Database=x"),
        ("Bearer abcdef123456 was refused", f"Bearer {MARKER} was refused"),
        ("Authorization: Bearer abc\nAccept: */*", f"Authorization: {MARKER}\nAccept: */*"),
        ("the password is hunter2.", f"the password is {MARKER}."),
        ("sent to bob@example.com.", f"sent to {MARKER}."),
        ("paid with 4111 1111 1111 1111 today", f"paid with {MARKER} today"),
        ("paid with 3782-822463-10005", f"paid with {MARKER}"),
        ("IBAN DE89 3704 0044 0532 0130 00 refused", f"IBAN {MARKER} refused"),
        ("call +49 170 1234567 now", f"call {MARKER} now"),
        ("call (415) 555-2671 now", f"call {MARKER} now"),
        ("password: correct horse battery staple", f"password: {MARKER}"),
        ("passphrase: two words", f"passphrase: {MARKER}"),
        ("token=None, password='hunter2'", f"token=None, password='{MARKER}'"),
    ],
)
def test_what_is_masked_leaves_its_surroundings_readable(text: str, shown: str) -> None:
    assert LONG.text(text) == shown


@pytest.mark.parametrize(
    "text",
    [
        "postgresql://app:p@ss:w/rd?x#y@db:5432/shop",
        "postgresql//app:p@ss@db/shop",
        "postgresql:/app:p@ss@db/shop",
        "mysql+pymysql://app:p%40ss@db",
        "https://bob:p@ss@example.com/path",
        "https://bob:p/ss@example.com/path",
        "https://bob:pa?ss@example.com/path",
        "https://bob:p#ss@example.com",
        "redis://:p@ss@/0",
        "failed for 'amqp://guest:p@ss@mq:bad/'",
    ],
)
def test_no_part_of_a_malformed_urls_password_stays(text: str) -> None:
    shown = LONG.text(text)
    assert MARKER in shown
    assert "p@" not in shown
    assert "ss" not in shown.replace("postgresql", "")


@pytest.mark.parametrize(
    "secret", ["hunter2hunter2", "4111 1111 1111 1111", "GB29 NWBK 6016 1331 9268 19", "a.b@example.com"]
)
def test_a_cut_leaves_no_half_secret(secret: str) -> None:
    for before in range(120, 200):
        text = "x" * 40 + " " * (before - 40) + f"password={secret} " + "y " * 100
        shown = SCRUBBER.text(text)
        assert len(shown) <= 200
        assert all(part not in shown for part in (secret[:4], secret[-4:]))


def test_a_cut_says_how_much_is_missing() -> None:
    shown = SCRUBBER.text("word " * 100)
    kept, _, note = shown.partition(" ... ")
    assert note == f"{500 - len(kept)} more characters"


def test_a_long_url_is_not_cut_within_its_password() -> None:
    shown = compile_privacy({}, {"message_length": 2000}).text("at https://bob:" + "pw" * 5000 + "@example.com/")
    assert "pwpw" not in shown


def test_ten_megabytes_are_cut_first() -> None:
    shown = LONG.text("password=hunter2 " * 600_000)
    assert len(shown) <= 8192
    assert "hunter2" not in shown


def test_a_private_key_goes_as_a_whole_even_where_its_end_was_cut() -> None:
    key = "-----BEGIN RSA PRIVATE KEY-----\n" + "MIIEpAIBAAKCAQEA\n" * 400
    assert "MIIE" not in SCRUBBER.text(f"could not load {key}")
    assert LONG.text(f"bad key {key}-----END RSA PRIVATE KEY----- given") == f"bad key {MARKER} given"


def test_a_private_key_under_its_name_goes_as_a_whole_without_its_detector() -> None:
    key = "-----BEGIN RSA PRIVATE KEY-----\n" + "MIIEpAIBAAKCAQEA\n" * 4 + "-----END RSA PRIVATE KEY-----"
    assert compile_privacy({"detectors": []}, {}).text(f"private_key={key} given") == f"private_key={MARKER} given"


def test_a_terminal_gets_no_escape_and_a_file_no_null() -> None:
    assert LONG.text("\x1b[31mred\x00 \x9b0m \u202eevil") == "\u241b[31mred\u2400 \ufffd0m \ufffdevil"


def test_line_breaks_and_tabs_stay() -> None:
    assert LONG.text("one\r\ntwo\n\tthree") == "one\ntwo\n\tthree"


def test_half_a_surrogate_pair_becomes_something_that_utf8_can_hold() -> None:
    assert LONG.text("bad \ud83d name").encode() == b"bad \xef\xbf\xbd name"


def test_a_strings_own_methods_are_not_called() -> None:
    class Hostile(str):
        __slots__ = ()

        def __str__(self) -> str:
            raise AssertionError

        __len__ = __getitem__ = lower = isprintable = encode = __str__  # type: ignore[assignment]

    assert LONG.text(Hostile("password=hunter2")) == f"password={MARKER}"


def test_only_the_chosen_detectors_look() -> None:
    chosen = compile_privacy({"detectors": ["email"]}, {})
    assert chosen.text("bob@example.com 4111111111111111") == f"{MARKER} 4111111111111111"
    assert compile_privacy({"detectors": []}, {}).text("bob@example.com") == "bob@example.com"


def test_fields_are_masked_whatever_the_detectors() -> None:
    assert compile_privacy({"detectors": []}, {}).text("password=hunter2") == f"password={MARKER}"


def test_addresses_are_truncated_only_where_a_policy_says_so() -> None:
    assert LONG.text("peer 10.20.30.40 left") == "peer 10.20.30.40 left"
    truncating = compile_privacy({"detectors": ["ip_address"]}, {})
    assert truncating.text("peer 10.20.30.40:80 left") == "peer 10.20.30.0:80 left"
    assert truncating.text("peer 2001:db8:85a3:0:0:8a2e:370:7334 left") == "peer 2001:db8:85a3:: left"
    assert truncating.text("peer [2001:db8::7]:443 left, and 2001:db8:1:2::1: gone") == (
        "peer [2001:db8::]:443 left, and 2001:db8:1::: gone"
    )
    harmless = "at 12:30:45:99 from aa:bb:cc:dd:ee:ff in ns::cafe and dead::beef"
    assert truncating.text(harmless) == harmless
    assert truncating.text("at 12:30:45, version 1.2.3") == "at 12:30:45, version 1.2.3"


def test_an_unknown_detector_is_named_with_the_known_ones() -> None:
    with pytest.raises(ValueError, match='unknown detector "emial"') as caught:
        compile_privacy({"detectors": ["emial"]}, {})
    assert all(name in str(caught.value) for name in DETECTORS)


def test_a_fields_name_added_by_a_policy_is_masked_in_texts_and_contexts() -> None:
    scrubber = compile_privacy({"fields": ["patient_name"]}, {})
    assert scrubber.text("patientName=Bob, ward=3") == f"patientName={MARKER}, ward=3"
    assert scrubber.text("patient name: Bob Builder, ward: 3") == f"patient name: {MARKER}, ward: 3"
    assert scrubber.text("patient name: must not be empty") == "patient name: must not be empty"
    assert scrubber.mapping({"Patient-Name": "Bob", "ward": 3}) == {"Patient-Name": MARKER, "ward": 3}


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (repr("reply:\nAKIA" + "IOSFODNN7EXAMPLE\nend"), repr("reply:\n[scrubbed]\nend")),
        (repr("no secret\nin two lines"), repr("no secret\nin two lines")),
        (r"C:\new\notes.txt was not found", r"C:\new\notes.txt was not found"),
    ],
)
def test_a_line_break_that_a_repr_wrote_hides_no_secret(text: str, shown: str) -> None:
    assert SCRUBBER.text(text) == shown
