"""Secrets are taken out of every text in the same way, and what is none stays readable."""

import pytest

from harness.redaction import redact, secrets_of


@pytest.mark.parametrize(
    "text",
    [
        "postgresql+psycopg://me:hidden@h/db refused",
        "postgresql://me:hid/den@1hidden@127.0.0.1:5433/db",
        "redis://:hidden@h:6379",
        "host=db password=hidden user=me",
        "http://h/?password=hidden&a=1",
        "password = 'a hidden'",
        'PGPASSWORD="a hidden"',
        "the key is hid%2Fden",
    ],
)
def test_a_secret_is_taken_out_however_it_is_written(text: str) -> None:
    """URLs, connection strings, assignments and percent-encoded values."""
    shown = redact(text, ("hid/den",))
    assert "***" in shown
    assert "hid" not in shown


@pytest.mark.parametrize("text", ["GET http://127.0.0.1:8000/users/a@b.example", "postgresql://me@h/db", "a@b: c"])
def test_what_holds_no_password_stays_readable(text: str) -> None:
    """An address and a path with an @ are left alone."""
    assert redact(text) == text


def test_a_flood_of_half_addresses_takes_no_time() -> None:
    """A platform that floods its log does not stop the harness."""
    assert redact("x://a:b" * 50_000)


def test_the_secrets_of_an_environment_are_found() -> None:
    """Variables named as secrets, and passwords in addresses, plain and decoded."""
    env = {"AUTH_JWT_SECRET_KEY": "one", "API_TOKEN": "two", "DATABASE_URL": "p://me:th%2Free@h/d", "PATH": "/bin"}
    assert set(secrets_of(env)) == {"one", "two", "th%2Free", "th/ree"}
