"""A platform that runs already, as a visitor meets it: what it publishes, and who the visitors are."""

import hashlib
import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, get_args

import httpx
from pydantic import TypeAdapter, ValidationError

from harness.errors import Misuse, TargetNotFound
from harness.observe import certificates
from harness.targets.terms import Role

# Nobody without a platform's secret can make a token that was sound once.
ROLES: Final = (*get_args(Role), "administrator elsewhere", "expired")
VISITORS: Final = "CONFORM_VISITORS"
DESCRIPTION: Final = "/openapi.json"
ANSWER_SECONDS: Final = 30.0
# By RFC 6750.
_TOKEN: Final = re.compile(r"[A-Za-z0-9._~+/-]+=*")
_COSTS: Final = "/costs"
_NAMED: Final = "--url names where the paths of a running platform begin"
_FORM: Final = 'TOML with project = "ID" and a table [tokens] of access tokens by role, as member = "TOKEN"'


@dataclass(frozen=True, slots=True, kw_only=True)
class Visitors:
    """Access tokens by the role in which each stands to one project; they are never shown."""

    project: str = ""
    tokens: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """The API description that a running platform publishes; its SHA-256 stands for the build that nobody can see."""

    document: Mapping[str, Any]
    version: str
    digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Info:
    version: str = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Stated:
    paths: Mapping[str, object]
    info: _Info = _Info()


_VISITORS: Final = TypeAdapter(Visitors)
_STATED: Final = TypeAdapter(_Stated)
_DOCUMENT: Final = TypeAdapter(dict[str, Any])


def visitors() -> Visitors:
    """Whoever the environment names, or a file that it names; Misuse, without a token, when nobody can tell who."""
    written = _written()
    if written is None:
        return Visitors()
    try:
        found = _VISITORS.validate_python(tomllib.loads(written))
    except (tomllib.TOMLDecodeError, ValidationError) as error:
        raise Misuse(f"{VISITORS} is not what it should be", hint=f"it holds {_FORM}") from error
    if wrong := _wrong(found):
        raise Misuse(f"{VISITORS}: {wrong}", hint=f"it holds {_FORM}; the roles are {', '.join(ROLES)}")
    return found


def _wrong(found: Visitors) -> str | None:
    """What nobody could work with, without a word of any token."""
    if not found.project or not found.tokens:
        return "a project or its tokens are missing"
    for role, token in found.tokens.items():
        if role not in ROLES:
            return f"nobody is called {role}"
        if not _TOKEN.fullmatch(token):
            return f"what is given for the {role} is no token, which has letters, digits and -._~+/= alone"
    if len(set(found.tokens.values())) < len(found.tokens):
        return "one token is given for two who differ"
    return None


def published(url: str) -> Published:
    """What a platform publishes; TargetNotFound when nobody answers there, or no platform does."""
    where = f"{url}{DESCRIPTION}"
    try:
        answer = httpx.get(where, timeout=ANSWER_SECONDS, verify=certificates.trusted(), trust_env=False)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise TargetNotFound(f"nobody answers at {url} ({type(error).__name__})", hint=_NAMED) from error
    try:
        stated = _STATED.validate_json(answer.content if answer.is_success else b"")
    except ValidationError as error:
        said = f"{where} answered {answer.status_code}, and no API description"
        raise TargetNotFound(said, hint=_NAMED) from error
    if not any(_COSTS in path for path in stated.paths):
        # Rather another service than a platform that has lost every route: nobody is blamed for a wrong address.
        raise TargetNotFound(f"{where} describes no operation on {_COSTS[1:]}, so it is no platform's", hint=_NAMED)
    return Published(
        document=_DOCUMENT.validate_json(answer.content),
        version=stated.info.version,
        digest=hashlib.sha256(answer.content).hexdigest(),
    )


def _written() -> str | None:
    if VISITORS in os.environ:
        return os.environ[VISITORS]
    named = os.environ.get(f"{VISITORS}_FILE")
    if not named:
        return None
    try:
        return Path(named).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        hint = f"{VISITORS}_FILE names a file that holds {_FORM}"
        raise Misuse(f"the file that {VISITORS}_FILE names cannot be read", hint=hint) from error
