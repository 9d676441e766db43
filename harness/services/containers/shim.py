"""A program of this machine that is the Python of the platform's image: whatever it is asked, it runs in a container.

It is called like any interpreter, with pipes for its three streams; working directory and environment hold inside too.
"""

import json
import os
import shutil
import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

NAME: Final = "python-in-container"
CLIENT: Final = "docker"
_SCRIPT: Final = """#!{python} -IS
import json, os, secrets, sys

plan = json.loads(open({plan!r}).read())
here = os.getcwd()
kept = {{name: value for name, value in os.environ.items() if name not in plan["left_out"]}}
# Read now: servers may have come since this program was written.
for outward, inward in json.loads(open(plan["directory"]).read()).items():
    kept = {{name: value.replace(outward, inward) for name, value in kept.items()}}
writable = plan["writable"]
folders = [f"{{writable}}:{{writable}}"] + [f"{{one}}:{{one}}:ro" for one in plan["folders"]]
if os.path.commonpath([here, writable]) != writable:
    folders.append(f"{{here}}:{{here}}:ro")
words = [plan["client"], "run", "--rm", "--interactive", "--name", "conform-worker-" + secrets.token_hex(4)]
words += ["--network", plan["network"], "--user", plan["user"], "--workdir", here, "--pull", "never"]
words += [word for name, value in plan["labels"].items() for word in ("--label", f"{{name}}={{value}}")]
words += [word for one in folders for word in ("--volume", one)]
# By name alone: a value on a command line could be read by everyone.
words += [word for name in kept for word in ("--env", name)]
os.execve(plan["client"], [*words, plan["image"], plan["python"], *sys.argv[1:]], {{**kept, **plan["engine"]}})
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What the program has to know: the image with its Python, and how a container of it belongs to the run.

    `directory` is a file that says which address stands for which in the network.
    """

    image: str
    python: str
    network: str
    user: str
    labels: Mapping[str, str]
    directory: str
    left_out: tuple[str, ...]
    writable: str
    folders: tuple[str, ...]


def available() -> bool:
    """Whether the engine's command-line client is there, which connects the pipes."""
    return shutil.which(CLIENT) is not None


def write(folder: Path, plan: Plan) -> Path:
    """Write the program into a folder; gives its path."""
    program, noted = folder / NAME, folder / f"{NAME}.json"
    engine = {name: value for name, value in os.environ.items() if name.startswith("DOCKER_")}
    noted.write_text(json.dumps({**asdict(plan), "client": shutil.which(CLIENT), "engine": engine}), encoding="utf-8")
    program.write_text(_SCRIPT.format(python=sys.executable, plan=str(noted)), encoding="utf-8")
    program.chmod(0o700)
    return program
