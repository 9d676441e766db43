"""What the environment must say before the platform can run."""

import os
from collections.abc import Mapping
from dataclasses import dataclass

REQUIRED = ("DATABASE_URL", "REDIS_URL", "AUTH_JWT_SECRET_KEY")


class SettingsIncomplete(Exception):
    """An environment variable that the platform needs is not set."""

    def __init__(self, missing: list[str]) -> None:
        super().__init__(f"environment variables not set: {', '.join(missing)}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Addresses and secrets of one running platform."""

    database_url: str
    redis_url: str
    auth_jwt_secret_key: str


def read(environment: Mapping[str, str] | None = None) -> Settings:
    """Read the settings from the environment; raises SettingsIncomplete naming every missing one."""
    values = os.environ if environment is None else environment
    missing = [name for name in REQUIRED if not values.get(name)]
    if missing:
        raise SettingsIncomplete(missing)
    return Settings(
        database_url=values["DATABASE_URL"],
        redis_url=values["REDIS_URL"],
        auth_jwt_secret_key=values["AUTH_JWT_SECRET_KEY"],
    )
