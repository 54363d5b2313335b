"""Which names of fields are taken for secrets."""

from __future__ import annotations

import pytest

from policy_engine.privacy import MARKER, compile_privacy

SCRUBBER = compile_privacy({}, {})

SENSITIVE = [
    "password", "PASSWORD", "Password", "passwd", "pwd", "DB_PASS", "dbPassword", "db_password", "DB-PASSWORD",
    "userPassword", "user.password", "password2", "newPassword", "password_confirmation", "passwordHash",
    "keystorePassword", "rootpassword", "passwords", "passphrase", "secret", "client_secret", "clientSecret",
    "SECRET_KEY", "secrets", "token", "access_token", "accessToken", "accesstoken", "refresh_token", "id_token",
    "csrfToken", "X-CSRF-Token", "tokens", "X-Api-Key", "xApiKey", "api_key", "apikey", "APIKEY", "APIKey",
    "api-keys", "aws_secret_access_key", "AWS_ACCESS_KEY_ID", "privateKey", "private_key", "ssh_private_key",
    "encryption_key", "authorization", "Authorization", "HTTP_AUTHORIZATION", "Proxy-Authorization", "auth",
    "X-Auth", "cookie", "Cookie", "Set-Cookie", "cookies", "session", "session_id", "sessionid", "PHPSESSID",
    "JSESSIONID", "connect.sid", "credentials", "db_credentials", "dsn", "SENTRY_DSN", "connection_string",
    "connectionString", "jwt", "otp", "pin", "cvv", "ssn", "card_number", "creditCard", "AccountKey",
    "SharedAccessSignature", "X-Amz-Signature",
]  # fmt: skip

HARMLESS = [
    "tokenizer", "password_policy", "passwordPolicy", "author", "authors", "authorized", "authority", "authorizer",
    "session_count", "token_count", "sessionTimeout", "max_tokens", "total_tokens", "monkey", "keyboard", "key",
    "id", "user", "user_id", "name", "path", "url", "host", "port", "method", "status", "message", "compass",
    "passenger", "bypass", "passed", "passport", "secretary", "pinned", "ping", "mapping", "shipping", "turkey",
    "whiskey", "design", "signal", "assigned", "credentials_path", "secret_name", "secret_version", "token_type",
    "token_limit", "api_key_name", "is_password_set", "has_token", "auth_method", "auth_type", "authorization_model",
    "authorization_policy", "cookie_domain", "cookie_secure", "session_ttl", "password_min_length",
    "private_key_path", "TokenExpiredError", "KeyError", "SessionTracker", "public_key", "primary_key",
    "foreign_key", "sort_key",
]  # fmt: skip


@pytest.mark.parametrize("name", SENSITIVE)
def test_a_sensitive_name_hides_its_value(name: str) -> None:
    assert SCRUBBER.mapping({name: "abc"}) == {name: MARKER}


@pytest.mark.parametrize("name", HARMLESS)
def test_a_harmless_name_shows_its_value(name: str) -> None:
    assert SCRUBBER.mapping({name: "abc"}) == {name: "abc"}


@pytest.mark.parametrize("name", ["key", "digest", "nonce", "salt"])
def test_a_name_that_promises_nothing_hides_what_looks_random(name: str) -> None:
    assert SCRUBBER.mapping({name: "orders:2024:06"}) == {name: "orders:2024:06"}
    assert SCRUBBER.mapping({name: "tenant#7"}) == {name: "tenant#7"}
    assert SCRUBBER.mapping({name: "9f86d081884c7d659a2feaa0c55ad015"}) == {name: MARKER}


@pytest.mark.parametrize("value", [None, True, False, "", "None", "null", "***", "<redacted>", "[FILTERED]"])
def test_what_hides_nothing_is_shown(value: object) -> None:
    assert SCRUBBER.mapping({"password": value}) == {"password": value}


def test_a_number_under_a_sensitive_name_is_hidden() -> None:
    assert SCRUBBER.mapping({"pin": 1234, "otp": 0.5}) == {"pin": MARKER, "otp": MARKER}


def test_names_beyond_the_cache_are_judged_alike() -> None:
    scrubber = compile_privacy({}, {})
    for number in range(5000):
        scrubber.mapping({f"name{number}x": "abc"})
    assert scrubber.mapping({"new name": "password=hunter2", "new_password": "abc"}) == {
        "new name": f"password={MARKER}",
        "new_password": MARKER,
    }
