"""Personal data that stands anywhere: e-mail addresses, card numbers, IBANs, phone numbers, IP addresses.

What a check digit can confirm is confirmed, so that order numbers, times and ids stay readable.
"""

from __future__ import annotations

import re

from policy_engine.privacy.marks import MARKER

_EMAIL = re.compile(
    r"(?<![\w.])(?<!\[scrubbed\])[\w.%+-]{1,64}+(?:'[\w.%+-]{1,32}+)?@"
    r"(?:[A-Za-z0-9-]{1,63}\.){1,8}(?:[A-Za-z]{2,24}|xn--[a-z0-9-]{2,59})(?![\w-])(?:[.]?@[\w.-]{1,255}+){0,4}"
)
_NOBODY = ("git@", "hg@")
_CARD = re.compile(
    r"(?<![\w.+-])(?:\d{4}([ -])\d{4}\1\d{4}\1\d{4}(?:\1\d{1,3})?|\d{4}([ -])\d{6}\2\d{4,5}|\d{13,19})(?![\w-]|\.\d)"
)
_ISSUER = re.compile(
    r"4(?:\d{12}|\d{15}|\d{18})|(?:5[1-5]\d\d|222[1-9]|22[3-9]\d|2[3-6]\d\d|27[01]\d|2720)\d{12}|3[47]\d{13}"
    r"|3(?:0[0-5]|[689]\d)\d{11}|(?:6011|65\d\d|64[4-9]\d)\d{12}(?:\d{3})?|62\d{14,17}|35(?:2[89]|[3-8]\d)\d{12}"
)
_DOUBLED = (0, 2, 4, 6, 8, 1, 3, 5, 7, 9)
_IBAN = re.compile(r"(?<![A-Za-z0-9])[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?(?![A-Za-z0-9])")
_PHONE = re.compile(
    r"(?<![\w.+:/-])(?:\+\d{1,3}[ .-]?(?:\(\d{1,4}\)[ .-]?)?\d{1,4}(?:[ .-]?\d{2,4}){2,4}"
    r"|\(\d{3}\) ?\d{3}-\d{4}|\d{3}-\d{3}-\d{4})(?![\w+-]|\.\d)"
)
_IPV4 = re.compile(r"(?<![\w.])(\d{1,3}\.\d{1,3}\.\d{1,3}\.)\d{1,3}(?![\w]|\.\d)")
_IPV6 = re.compile(r"(?<![\w:.])[0-9A-Fa-f]{0,4}(?::[0-9A-Fa-f]{0,4}){2,8}(?![\w:]|\.\d)")
_NETWORK_BYTES = 6


def mask_emails(text: str) -> str:
    """Return ``text`` with e-mail addresses masked."""
    return _EMAIL.sub(lambda match: match[0] if match[0].startswith(_NOBODY) else MARKER, text)


def mask_cards(text: str) -> str:
    """Return ``text`` with payment card numbers masked: an issuer's prefix and length, and a right check digit."""
    return _CARD.sub(lambda match: MARKER if is_card(match[0].replace(" ", "").replace("-", "")) else match[0], text)


def is_card(digits: str) -> bool:
    """Whether a string of digits is a payment card number: its issuer's prefix and length, and Luhn's sum."""
    if _ISSUER.fullmatch(digits) is None:
        return False
    odd = sum(int(digit) for digit in digits[-1::-2])
    even = sum(_DOUBLED[int(digit)] for digit in digits[-2::-2])
    return (odd + even) % 10 == 0


def mask_ibans(text: str) -> str:
    """Return ``text`` with IBANs masked whose check digits are right (ISO 13616)."""
    return _IBAN.sub(lambda match: MARKER if _is_iban(match[0].replace(" ", "")) else match[0], text)


def _is_iban(code: str) -> bool:
    if not 15 <= len(code) <= 34:
        return False
    turned = code[4:] + code[:4]
    return int("".join(str(int(character, 36)) for character in turned)) % 97 == 1


def mask_phones(text: str) -> str:
    """Return ``text`` with phone numbers masked: ``+44 20 7946 0958``, ``(415) 555-2671``."""
    return _PHONE.sub(MARKER, text)


def truncate_addresses(text: str) -> str:
    """Return ``text`` with the host's part of every IP address taken out: the last byte, or the last 80 bits."""
    text = _IPV4.sub(r"\g<1>0", text)
    return _IPV6.sub(_truncated, text)


def _truncated(match: re.Match[str]) -> str:
    """The network of what may be an IPv6 address; a time, a hardware address or a name of C++ as it is."""
    import socket  # for the few policies that ask for it

    found = match[0]
    sentence = ":" if found.endswith(":") and not found.endswith("::") else ""
    try:
        packed = socket.inet_pton(socket.AF_INET6, found.removesuffix(sentence))
    except OSError:
        return found
    if not any(map(str.isdigit, found)):
        return found
    network = packed[:_NETWORK_BYTES] + bytes(len(packed) - _NETWORK_BYTES)
    return socket.inet_ntop(socket.AF_INET6, network) + sentence
