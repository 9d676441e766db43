"""The control of measurements in time: our own server in a process of its own, as a platform has one."""

import os
import sys
from types import TracebackType
from typing import Final, Self

from harness.observe import control_server
from harness.services import failure
from harness.services.port import LOOPBACK, on_free_port
from harness.services.program import Launch, Program
from harness.services.workspace import Workspace

START_SECONDS: Final = 30.0


class Control:
    """The running server; use it in a `with`."""

    def __init__(self, program: Program, url: str) -> None:
        self.program = program
        self.url = url

    @classmethod
    def start(cls, workspace: Workspace, database_url: str) -> Self:
        """Start it on an empty database of ours; ServiceDidNotStart with its last words when it does not come up."""
        return on_free_port(lambda port: cls._start_on(port, workspace, database_url))

    @classmethod
    def _start_on(cls, port: int, workspace: Workspace, database_url: str) -> Self:
        argv = (sys.executable, "-m", control_server.__name__, str(port))
        env = {"PATH": os.environ.get("PATH", ""), control_server.DATABASE: database_url}
        program = Program.start(Launch(argv=argv, cwd=workspace.folder, env=env, secrets=(database_url,)), workspace)
        if not program.await_words(control_server.READY, START_SECONDS):
            raise failure.did_not_start("our own server beside the platform", program)
        return cls(program, f"http://{LOOPBACK}:{port}")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.program.kill()
