"""As whom services run: ourselves, or `nobody` when we are root, since PostgreSQL refuses to be root."""

import os
import pwd
import shutil
import stat
from pathlib import Path

UNPRIVILEGED = "nobody"


def service_account() -> str | None:
    """`nobody` when we are root; None means ourselves."""
    return UNPRIVILEGED if os.geteuid() == 0 else None


def group_of(account: str) -> int:
    """Number of the account's own group."""
    return pwd.getpwnam(account).pw_gid


def hand_over(path: Path, account: str | None) -> None:
    """Give one file or folder to the account; nothing happens when it stays ours."""
    if account is not None:
        shutil.chown(path, account, group_of(account))


def open_to_all(path: Path) -> bool:
    """Whether any user may read this file or folder and enter every folder above it."""
    resolved = path.resolve()
    readable = resolved.stat().st_mode & stat.S_IROTH != 0
    return readable and all(folder.stat().st_mode & stat.S_IXOTH for folder in resolved.parents)
