"""Makes every image from its layers, and gives the engine those that it does not have."""

import platform
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from harness.images import archive, debian, ingredients, programs
from harness.images.archive import Image
from harness.images.layer import Layer
from harness.images.pantry import Pantry
from harness.services.containers import naming, stub_code
from harness.services.containers.engine import Engine
from harness.services.containers.naming import Part

_ARCHITECTURES: Final = {"x86_64": "amd64", "aarch64": "arm64"}
_VERSION: Final = "import sys; print('%d.%d' % sys.version_info[:2])"
_COMPILE: Final = ("python3", "-m", "compileall", "-q", "-j", "0", "--invalidation-mode", "unchecked-hash")
_SERVE: Final = (f"/{programs.SERVE}",)
_PLATFORM: Final = (
    *(f"/{ingredients.PLATFORM_HOME}/bin/python", "-m", "uvicorn", "omoi_os.api.main:app"),
    *("--host", "0.0.0.0", "--port", "8000"),  # noqa: S104 - in a container, that is who may reach it
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """One image, and whether it had to be made."""

    image: Image
    anew: bool


class Kitchen:
    """Where images are made, for one engine."""

    def __init__(self, engine: Engine, pantry: Pantry, suite: Path, *, fresh: bool) -> None:
        """`fresh` bootstraps the distribution anew, and with it come the newest packages of its release."""
        self._engine = engine
        self._pantry = pantry
        self._suite = suite
        self._fresh = fresh

    def make(self) -> tuple[Made, ...]:
        """Make all of them; raises what keeps any of them from being made."""
        base = self._base()
        made = self._serve((self._image("base", (base,), ("python3",)),))
        above = (self._postgres(base), self._redis(base), self._provider(base), self._platform(base))
        return (*made, *self._serve(above))

    def _serve(self, images: Iterable[Image]) -> tuple[Made, ...]:
        before = {image: self._engine.image_id(image.name) for image in images}
        wanted = tuple(image for image, there in before.items() if there != image.id)
        if wanted:
            self._load(wanted)
            self._engine.forget(before[image] for image in wanted)
        return tuple(Made(image=image, anew=image in wanted) for image in before)

    def _load(self, wanted: tuple[Image, ...]) -> None:
        target = self._pantry.scratch()
        try:
            archive.write(wanted, target)
            self._engine.load(target)
        finally:
            target.unlink(missing_ok=True)

    def _base(self) -> Layer:
        name = f"base-{ingredients.digest_of([Path(debian.__file__)], also=(debian.suite(), *debian.INCLUDED))}"
        if self._fresh:
            self._pantry.forget(name)
        return self._pantry.layer(name, debian.lay, system=True)

    def _postgres(self, base: Layer) -> Image:
        own = self._pantry.layer(f"postgres-{ingredients.postgres_key()}", ingredients.lay_postgres)
        return self._image("postgres", (base, own), _SERVE, stop_signal="SIGINT")

    def _redis(self, base: Layer) -> Image:
        own = self._pantry.layer(f"redis-{ingredients.redis_key()}", ingredients.lay_redis)
        return self._image("redis", (base, own), _SERVE)

    def _provider(self, base: Layer) -> Image:
        own = self._pantry.layer(f"provider-{stub_code.key()}", ingredients.lay_code)
        argv = ("python3", "-m", stub_code.PROGRAM)
        folder = f"/{ingredients.CODE_HOME}"
        return self._image("provider", (base, own), argv, folder=folder, code=stub_code.key())

    def _platform(self, base: Layer) -> Image:
        python, kind = self._python(), ingredients.packages_key(self._suite)
        packages = self._pantry.layer(f"packages-{kind}-{base.digest[7:23]}", lambda at: self._lay_packages(at, python))
        code = self._pantry.layer(
            f"reference-{ingredients.reference_key(self._suite)[:16]}",
            lambda at: ingredients.lay_reference(at, self._suite),
        )
        return self._image("platform", (base, packages, code), _PLATFORM, folder=f"/{ingredients.REFERENCE_HOME}")

    def _python(self) -> str:
        return self._engine.run(naming.image("base"), ("python3", "-c", _VERSION)).strip()

    def _lay_packages(self, folder: Path, python: str) -> None:
        ingredients.lay_packages(folder, self._suite, python=python)
        # By the image's own Python, and so that neither times nor this folder's name stand in the compiled files.
        self._engine.run(naming.image("base"), (*_COMPILE, "-s", str(folder), "-p", "/", str(folder)), shared=folder)

    def _image(
        self,
        part: Part,
        layers: tuple[Layer, ...],
        argv: tuple[str, ...],
        *,
        folder: str = "/",
        **more: str,
    ) -> Image:
        return Image(
            name=naming.image(part),
            layers=layers,
            argv=argv,
            labels={naming.CODE: more.get("code", "")},
            architecture=_ARCHITECTURES.get(platform.machine(), platform.machine()),
            user="" if part in ("base", "platform") else str(debian.ACCOUNT),
            folder=folder,
            stop_signal=more.get("stop_signal", "SIGTERM"),
        )
