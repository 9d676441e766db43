"""Services are given by addresses without passwords, which come from the environment or a file."""

from pathlib import Path

import pytest

from harness.errors import Misuse
from harness.services import addresses

BOTH = "postgresql+psycopg://ada@db.example:5432,redis://cache.example:6379/3"


def test_both_addresses_are_read_in_either_order() -> None:
    """Each is known by its scheme."""
    found = addresses.read(BOTH)
    assert found == addresses.read(",".join(reversed(BOTH.split(","))))
    assert (found.postgres_url, found.redis_url) == tuple(BOTH.split(","))
    assert str(found) == BOTH


def test_passwords_come_from_the_environment_or_from_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever letters they have; the words that were read hold none of them."""
    (tmp_path / "redis").write_text("se/cret\n")
    monkeypatch.setenv("CONFORM_POSTGRES_PASSWORD", "p@ss:word")
    monkeypatch.setenv("CONFORM_REDIS_PASSWORD_FILE", str(tmp_path / "redis"))
    found = addresses.read(BOTH)
    assert found.postgres_url == "postgresql+psycopg://ada:p%40ss%3Aword@db.example:5432"
    assert found.redis_url == "redis://:se%2Fcret@cache.example:6379/3"
    assert str(found) == BOTH


def test_a_password_file_that_is_not_there_is_misuse(monkeypatch: pytest.MonkeyPatch) -> None:
    """The variable is named."""
    monkeypatch.setenv("CONFORM_REDIS_PASSWORD_FILE", "/nowhere")
    with pytest.raises(Misuse, match="the file that CONFORM_REDIS_PASSWORD_FILE names"):
        _ = addresses.read(BOTH).redis_url


@pytest.mark.parametrize(
    "words",
    [
        "postgresql+psycopg://ada:pa55@db:5432,redis://cache:6379/3",
        "postgresql+psycopg://ada@db:5432,redis://:pa55@cache:6379/3",
        "postgresql+psycopg://ada:pa55@db:port,redis://cache:6379/3",
    ],
)
def test_a_password_on_the_command_line_is_refused_and_not_repeated(words: str) -> None:
    """Everybody on a machine sees it there."""
    with pytest.raises(Misuse) as refused:
        addresses.read(words)
    assert "pa55" not in str(refused.value)


@pytest.mark.parametrize(
    "words",
    [
        "redis://cache:6379/3",
        "postgresql+psycopg://ada@db:5432",
        f"{BOTH},redis://other:6379/3",
        "postgresql+psycopg://ada@db:5432,postgresql+psycopg://ada@other:5432",
        "postgresql://ada@db:5432,redis://cache:6379/3",
        "postgresql+psycopg://ada@db:5432/shop,redis://cache:6379/3",
        "postgresql+psycopg://ada@db:5432?sslmode=require,redis://cache:6379/3",
        "postgresql+psycopg://ada@db:5432,redis://cache:6379/three",
        "postgresql+psycopg://,redis://cache:6379/3",
        "://",
    ],
)
def test_other_addresses_are_misuse(words: str) -> None:
    """One too few, one too many, one of another kind, one that asks for more."""
    with pytest.raises(Misuse, match="postgresql\\+psycopg://USER@HOST:PORT,redis://HOST:PORT/NUMBER"):
        addresses.read(words)
