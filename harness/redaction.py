"""Takes secrets out of whatever may be shown: those that are known, passwords in URLs, and `password=` words."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Final
from urllib.parse import quote, unquote

_SHOWN: Final = "***"
# Up to the last `@`, because a password that nobody escaped may hold an `@` or a slash itself; a port is no password.
# Bounded, so that a flood of half addresses costs no time.
_IN_URL: Final = re.compile(r"(://[^\s:/@\[]*:)(?!\d{1,5}/)(\S{0,200})@")
_NAMED: Final = re.compile(r"""(passw(?:or)?d)\s*=\s*(?:'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|[^&\s]+)""", re.IGNORECASE)
_SECRET_NAMES: Final = ("SECRET", "PASSWORD", "TOKEN", "KEY")


def redact(text: str, secrets: Iterable[str] = ()) -> str:
    """The text without these secrets, plain or percent-encoded, and without the passwords that it names itself."""
    for form in forms(secrets):
        text = text.replace(form, _SHOWN)
    return _NAMED.sub(rf"\1={_SHOWN}", _IN_URL.sub(rf"\1{_SHOWN}@", text))


def first_line(error: Exception) -> str:
    """What an error says in its first line, without the passwords that it names."""
    return redact(str(error)).strip().splitlines()[0]


def forms(secrets: Iterable[str]) -> tuple[str, ...]:
    """Every spelling of the secrets, the longest first, since one secret may hold another."""
    plain = {secret for secret in secrets if secret}
    return tuple(sorted(plain | {quote(secret, safe="") for secret in plain}, key=len, reverse=True))


def secrets_of(env: Mapping[str, str]) -> tuple[str, ...]:
    """The secrets in an environment: variables named as one, and the passwords in the values of `*_URL`."""
    return tuple(secret for name, value in env.items() for secret in _secrets(name.upper(), value) if secret)


def _secrets(name: str, value: str) -> Iterator[str]:
    if any(word in name for word in _SECRET_NAMES):
        yield value
    if name.endswith("_URL") and (found := _IN_URL.search(value)):
        yield from {found[2], unquote(found[2])}
