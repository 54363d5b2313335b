"""The table of detectors: what a secret looks like wherever it stands, whatever its field is called.

An entry is a name (what a policy lists), literals in lower case of which one stands in every text that it can match
(none: it is asked about digits instead), and what masks its findings. Knows no field names. Patterns are Python's,
written so that they are linear: every repetition is bounded, possessive, or ends where its characters do.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple

from policy_engine.privacy import personal
from policy_engine.privacy.credentials import mask_basic, mask_bearer
from policy_engine.privacy.logins import mask_logins
from policy_engine.privacy.marks import MARKER
from policy_engine.privacy.urls import mask_url_credentials

Mask = Callable[[str], str]


class Detector(NamedTuple):
    """One kind of secret."""

    name: str
    literals: tuple[str, ...]
    mask: Mask
    digits: int = 0
    """Instead of a literal: at least so many digits in a row, spaces and hyphens left out."""
    default: bool = True
    whole: bool = False
    """Whether its findings may hold spaces, and so would be torn by a field's value, which ends at one."""
    finds: Callable[[str], bool] | None = None
    """Instead of a literal: whether there is anything to mask; asked about every text."""


def _pattern(name: str, literals: tuple[str, ...], pattern: str) -> Detector:
    """An entry whose every match is a secret; compiled by its first text, since most are never needed."""
    return Detector(name, literals, lambda text: re.sub(pattern, MARKER, text))


_USER_INFO = (
    "@", "%40", "2540", "/bot", "invalid port", "port could not", "-u ", "-u=", "-u'", '-u"', "--user",
    "--proxy-user", "curl",
)  # fmt: skip
_EDGE = r"(?<![A-Za-z0-9_])"

TABLE: tuple[Detector, ...] = (
    _pattern(
        "private_key",
        ("-----begin",),
        r"-----BEGIN (?:[A-Z0-9]{1,16} ){0,3}PRIVATE KEY(?: BLOCK)?-----"
        r"(?:[^-]|-(?!----END ))*+(?:-----END [A-Z ]{1,48}-----)?",
    ),
    Detector("url_credentials", _USER_INFO, lambda text: mask_logins(mask_url_credentials(text))),
    Detector("bearer", ("bearer",), mask_bearer),
    Detector("basic_auth", ("basic ",), mask_basic),
    _pattern("jwt", ("eyj",), _EDGE + r"eyJ[A-Za-z0-9_-]{10,}+(?:\.[A-Za-z0-9_-]*+){0,4}"),
    _pattern(
        "aws_access_key",
        ("akia", "asia", "abia", "acca"),
        _EDGE + r"(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}(?![A-Za-z0-9])",
    ),
    _pattern(
        "github_token",
        ("ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_"),
        _EDGE + r"(?:gh[pousr]_[A-Za-z0-9]{20,}+|github_pat_\w{20,}+)",
    ),
    _pattern(
        "gitlab_token",
        ("glpat-", "gldt-", "glrt-", "glcbt-", "glptt-"),
        _EDGE + r"gl(?:pat|dt|rt|cbt|ptt)-[\w.-]{16,}+",
    ),
    _pattern("slack_token", ("xox", "xapp-"), _EDGE + r"(?:xox[abeoprs]|xapp)-[A-Za-z0-9-]{8,}+"),
    _pattern("slack_webhook", ("hooks.slack.com",), r"hooks\.slack\.com/(?:services|workflows|triggers)/[\w/+-]{8,}+"),
    _pattern(
        "stripe_key",
        ("sk_live_", "rk_live_", "sk_test_", "rk_test_", "whsec_"),
        _EDGE + r"(?:[sr]k_(?:live|test)_[A-Za-z0-9]{8,}+|whsec_[A-Za-z0-9+/=]{16,}+)",
    ),
    _pattern("google_api_key", ("aiza",), _EDGE + r"AIza[\w-]{30,}+"),
    _pattern(
        "google_oauth",
        ("ya29.", "gocspx-", "1//0"),
        _EDGE + r"(?:ya29\.[\w-]{16,}+|GOCSPX-[\w-]{16,}+|1//0[\w-]{20,}+)",
    ),
    _pattern("openai_key", ("sk-",), _EDGE + r"sk-(?:(?:proj|svcacct|admin|ant|or)-[\w-]{16,}+|[A-Za-z0-9]{32,}+)"),
    _pattern("sendgrid_key", ("sg.",), _EDGE + r"SG\.[\w-]{16,}+\.[\w-]{16,}+"),
    _pattern("npm_token", ("npm_",), _EDGE + r"npm_[A-Za-z0-9]{30,}+"),
    _pattern("pypi_token", ("pypi-ag",), _EDGE + r"pypi-Ag[\w-]{32,}+"),
    _pattern("vault_token", ("hvs.", "hvb."), _EDGE + r"hv[sb]\.[\w-]{20,}+"),
    _pattern("digitalocean_token", ("do_v1_",), _EDGE + r"(?:dop|doo|dor)_v1_[a-f0-9]{32,}+"),
    _pattern("huggingface_token", ("hf_",), _EDGE + r"hf_[A-Za-z0-9]{30,}+"),
    _pattern(
        "shopify_token",
        ("shpat_", "shpss_", "shpca_", "shppa_"),
        _EDGE + r"shp(?:at|ss|ca|pa)_[A-Fa-f0-9]{24,}+",
    ),
    Detector("email", ("@",), personal.mask_emails),
    Detector("iban", (), personal.mask_ibans, digits=10),
    Detector("credit_card", (), personal.mask_cards, digits=13),
    Detector("phone", (), personal.mask_phones, digits=9),
    Detector("ip_address", (".", ":"), personal.truncate_addresses, default=False),
)
"""Every detector, in the order in which they look at a text."""

NAMES = tuple(detector.name for detector in TABLE)


def chosen(names: list[str] | tuple[str, ...] | None) -> tuple[Detector, ...]:
    """Return the detectors called ``names``, in the table's order; the cheap ones where ``None``.

    Raises `ValueError` for a name that no detector has.
    """
    if names is None:
        return tuple(detector for detector in TABLE if detector.default)
    unknown = sorted(set(names) - set(NAMES))
    if unknown:
        raise ValueError(f'unknown detector "{unknown[0]}": the detectors are {", ".join(NAMES)}')
    return tuple(detector for detector in TABLE if detector.name in names)
