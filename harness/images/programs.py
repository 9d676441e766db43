"""What the images of the services do when they are started: small scripts that become the server."""

from pathlib import Path
from typing import Final

SERVE: Final = "usr/local/bin/serve"
# The password is given once, in the environment, and never stands on a command line.
POSTGRES: Final = """#!/bin/sh
set -eu
data=/var/lib/conform/data
if [ ! -s "$data/PG_VERSION" ]; then
    umask 077
    printf '%s' "$CONFORM_PASSWORD" > /var/lib/conform/password
    {programs}/initdb -D "$data" -U conform -A scram-sha-256 --pwfile /var/lib/conform/password \\
        --locale=C.UTF-8 -E UTF8 --no-sync --no-instructions
    rm /var/lib/conform/password
    echo 'host all all all scram-sha-256' >> "$data/pg_hba.conf"
fi
unset CONFORM_PASSWORD
exec {programs}/postgres -D "$data" "$@"
"""
REDIS: Final = """#!/bin/sh
set -eu
umask 077
settings=/var/lib/conform/redis.conf
echo 'dir /var/lib/conform' > "$settings"
if [ -n "$CONFORM_PASSWORD" ]; then
    echo "requirepass $CONFORM_PASSWORD" >> "$settings"
else
    echo 'protected-mode no' >> "$settings"
fi
unset CONFORM_PASSWORD
exec {program} "$settings" "$@"
"""


def write(folder: Path, script: str) -> None:
    """Write the script that an image starts with."""
    path = folder / SERVE
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(script, encoding="ascii")
    path.chmod(0o755)
