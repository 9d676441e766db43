"""Words to objects, and errors to one line with the documented exit code; no logic lives here."""

import os
import re
import secrets
import sys
import traceback
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Final, NoReturn, cast

import typer
from rich.console import Console
from rich.markup import escape

from harness import diff as difference
from harness import evidence, gate, pipeline, shards, suite, terminal, trace, verdict
from harness import source as locating
from harness.errors import EXIT_INTERNAL, EXIT_INTERRUPTED, EXIT_MISUSE, ConformError, Misuse
from harness.model import Profile
from harness.report import json_format
from harness.services import kinds

_SEED_BITS: Final = 32
_EXITS: Final = (
    "Exit codes: 0 conformant or admitted; 1 nonconformant; 2 undetermined, void or cut short; "
    "3 misuse or bad configuration; 70 an error of the harness; 130 interrupted."
)

app = typer.Typer(
    help="Judge whether a platform conforms to its requirements document, with evidence anyone can repeat.",
    epilog=_EXITS,
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)

SuiteOption = Annotated[Path | None, typer.Option("--suite", help="Checkout with features/; default: around here.")]
PolicyOption = Annotated[Path | None, typer.Option("--policy", help="TOML file with max_age_hours and waivers.")]
EvidenceArgument = Annotated[Path, typer.Argument(help="The evidence.jsonl of a run.")]
OutOption = Annotated[Path | None, typer.Option("--out", help="Folder for reports; default: reports/out of the suite.")]
ServicesOption = Annotated[
    str,
    typer.Option(
        help="Where PostgreSQL and Redis come from: auto, containers, embedded, or the addresses of given ones, as "
        "postgresql+psycopg://USER@HOST:PORT,redis://HOST:PORT/NUMBER. Their passwords are in "
        "CONFORM_POSTGRES_PASSWORD and CONFORM_REDIS_PASSWORD, or in files that these name with _FILE."
    ),
]
UrlOption = Annotated[
    str | None,
    typer.Option(
        metavar="URL",
        help="Judge a platform that runs already by what can be read there; the rest is undetermined. "
        "CONFORM_VISITORS_FILE names a TOML file that tells who reads: "
        'project = "ID" and a table [tokens], as member = "TOKEN".',
    ),
]
ShardOption = Annotated[
    str | None,
    typer.Option(
        metavar="K/N",
        help="Judge the K-th of N parts. A chapter (a folder of features) is never divided, so that what its "
        "checks share is measured once. The heaviest chapter comes first, each to the part that has least so far; "
        "a check of code weighs 5, of behaviour 1, of time 30. Give all one --seed, then join them: conform merge.",
    ),
]


@app.command("run")
def run_command(
    *,
    target: Annotated[
        str, typer.Option(help="Name of a target, or a Python file that defines `driver`.")
    ] = "reference",
    source: Annotated[Path | None, typer.Option(help="Folder of the platform, which holds omoi_os/.")] = None,
    python: Annotated[
        str, typer.Option(help="The platform's own Python interpreter; default: the prepared one, or this one.")
    ] = sys.executable,
    baseline: Annotated[
        Path | None,
        typer.Option(help="Folder of a version without cost tracking to compare speed with; default: a silenced copy."),
    ] = None,
    services: ServicesOption = "auto",
    url: UrlOption = None,
    profile: Annotated[str, typer.Option(help="core, or hardened for both.")] = "core",
    only: Annotated[list[str] | None, typer.Option(help="Id of a requirement, criterion or check; repeatable.")] = None,
    seed: Annotated[int | None, typer.Option(help="Seed of all drawn inputs; default: a new one, printed.")] = None,
    shard: ShardOption = None,
    out: OutOption = None,
    suite_folder: SuiteOption = None,
) -> None:
    """Judge a platform, write evidence and reports, and exit by the verdicts.

    Example: conform run --only REQ-BILL-001 --only CON-MIG-001.2
    """
    if url and (source or baseline or services != "auto" or python != sys.executable):
        raise _doubly_named()
    from harness.environments import choice  # noqa: PLC0415 - the drivers take half a second to import

    found, console = suite.find(suite_folder), terminal.Screen(soft_wrap=True)
    driver = str(Path(target).resolve()) if target.endswith(".py") else target
    python = choice.interpreter(driver, source, named=python, tell=lambda line: console.print(escape(line)))
    order = pipeline.Order(
        suite=found,
        target=driver,
        source=source,
        baseline=baseline,
        python=python,
        services=kinds.of_platform(url) if url else kinds.choose(services, apart=choice.is_apart(driver, python)),
        profile=_profile(profile),
        only=tuple(only or ()),
        seed=secrets.randbits(_SEED_BITS) if seed is None else seed,
        out=_out(out, found),
        shard=shards.read(shard) if shard is not None else None,
    )
    judged = pipeline.run(order, watch=terminal.LiveWatch(console))
    terminal.show(judged, console, folder=_shown(order.out / judged.run.id))
    raise typer.Exit(judged.decision.exit_code)


def _profile(word: str) -> Profile:
    if word not in ("core", "hardened"):
        raise Misuse(f"there is no profile {word}", hint="choose core or hardened")
    return word


@app.command("prepare")
def prepare_command(
    target: Annotated[str, typer.Argument(help="Name of a target with an environment of its own, as omoios.")],
    *,
    source: Annotated[Path, typer.Option(help="Folder of the platform, which holds omoi_os/ and pyproject.toml.")],
    python: Annotated[str | None, typer.Option(help="The Python to make it of; default: the first that fits.")] = None,
) -> None:
    """Make the environment that a platform's own code needs, as its lock file pins it, in the user's cache.

    Runs on this checkout find it by themselves. Broken off, the same command goes on; asked again, it finds it.

    Example: conform prepare omoios --source ../OmoiOS/backend
    """
    from harness.environments import choice, environment  # noqa: PLC0415 - no other command installs anything

    choice.verify(target)
    console = terminal.Screen(soft_wrap=True)
    made = environment.prepare(
        locating.locate(source), named=python, tell=lambda line: console.print(escape(line), highlight=False)
    )
    console.print(f"Ready: {made.python}", highlight=False, markup=False)
    # A run looks for the first Python that fits, which another one was named instead of.
    named = f" --python {made.python}" if python else ""
    console.print(f"Now: conform run --target {target} --source {source}{named}", highlight=False, markup=False)


@app.command("merge")
def merge_command(
    evidence_files: Annotated[list[Path], typer.Argument(help="The evidence.jsonl of each shard of a run, once.")],
    *,
    out: OutOption = None,
    suite_folder: SuiteOption = None,
) -> None:
    """Join the shards of a run (conform run --shard K/N) into the evidence of the whole run, and judge it.

    A shard that is missing, given twice, or of another run (seed, target, profile, selection, suite) is refused.
    """
    folder = _out(out, suite_folder)
    judged = pipeline.join(evidence_files, out=folder)
    terminal.show(judged, terminal.Screen(soft_wrap=True), folder=_shown(folder / judged.run.id))
    raise typer.Exit(judged.decision.exit_code)


@app.command("report")
def report_command(evidence_file: EvidenceArgument) -> None:
    """Judge an evidence file again and write its reports anew beside it."""
    judged = pipeline.conclude(evidence_file)
    terminal.show(judged, terminal.Screen(soft_wrap=True), folder=_shown(evidence_file.parent))
    raise typer.Exit(judged.decision.exit_code)


@app.command("gate")
def gate_command(
    evidence_file: EvidenceArgument,
    *,
    policy: PolicyOption = None,
    expect_digest: Annotated[str | None, typer.Option(help="SHA-256 of the source to be rolled out.")] = None,
    max_age: Annotated[str | None, typer.Option(help="How old the evidence may be, as 24h or 90m.")] = None,
) -> None:
    """Decide whether evidence opens the gate: complete, recent, of this build, conformant but for valid waivers."""
    rules = gate.read_policy(policy) if policy else gate.Policy()
    record = evidence.read(evidence_file)
    judgement = verdict.judge(record)
    age = _duration(max_age) if max_age is not None else timedelta(hours=rules.max_age_hours)
    demand = gate.Demand(now=datetime.now(UTC), max_age=age, digest=expect_digest)
    decision = gate.admit(record, judgement, policy=rules, demand=demand)
    terminal.show_decision(decision, judgement, terminal.Screen(soft_wrap=True))
    raise typer.Exit(decision.exit_code)


@app.command("trace")
def trace_command(
    document: Annotated[Path | None, typer.Argument(help="The requirements document; default: its outline.")] = None,
    *,
    accept: Annotated[bool, typer.Option("--accept", help="Take the document as it is now for the outline.")] = False,
    suite_folder: SuiteOption = None,
) -> None:
    """List every statement of the document with the features that cover it, and the other way round."""
    folder = suite.find(suite_folder)
    if accept and document:
        trace.accept(folder, document)
    found = trace.compare(folder, document)
    terminal.Screen(soft_wrap=True).print(trace.render(found), markup=False, highlight=False)
    raise typer.Exit(found.exit_code)


@app.command("diff")
def diff_command(
    before: Annotated[Path, typer.Argument(help="report.json of one run.")],
    after: Annotated[Path, typer.Argument(help="report.json of another.")],
) -> None:
    """Show which criteria and checks turned between two reports."""
    reports = tuple(json_format.parse(_text(path)) for path in (before, after))
    terminal.Screen(soft_wrap=True).print(
        difference.render(difference.compare(*reports)), markup=False, highlight=False
    )


@app.command("doctor")
def doctor_command(
    *,
    clean: Annotated[bool, typer.Option("--clean", help="Remove what killed runs left behind.")] = False,
    services: Annotated[str, typer.Option(help="Also look at, and clean, services that were given to a run.")] = "auto",
) -> None:
    """Examine this machine: interpreter, servers, type checker, space, leftovers."""
    from harness import doctor as physician  # noqa: PLC0415 - its servers' clients cost every other command half a second

    console = terminal.Screen(soft_wrap=True)
    chosen = kinds.choose(services).words
    if clean:
        terminal.show_cleaned(physician.clean(chosen), console)
    symptoms = physician.examine(chosen)
    terminal.show_symptoms(symptoms, console)
    raise typer.Exit(EXIT_MISUSE if any(symptom.health == "missing" for symptom in symptoms) else 0)


def run() -> NoReturn:
    """Run the command and end with the documented exit code, whatever happens."""
    sys.exit(_code(Console(stderr=True, soft_wrap=True, highlight=False)))


def _code(errors: Console) -> int:
    try:
        code = cast("int | None", app(standalone_mode=False)) or 0
    except (typer.Abort, KeyboardInterrupt):
        code = EXIT_INTERRUPTED
    except ConformError as error:
        errors.print(f"[red]{error.code}[/]: {escape(str(error))}")
        return error.exit_code
    except typer.TyperException as error:
        errors.print(f"[red]misuse[/]: {escape(error.format_message())} Hint: `conform --help` teaches the words.")
        return EXIT_MISUSE
    except OSError as error:
        errors.print(f"[red]no-access[/]: {escape(str(error))}. Hint: `conform doctor` examines this machine.")
        return EXIT_MISUSE
    except Exception:  # noqa: BLE001 - whatever it was, a pipeline gets the documented code
        errors.print(traceback.format_exc(), markup=False)
        return EXIT_INTERNAL
    # The command line may also turn an interrupt into its number by itself.
    if code == EXIT_INTERRUPTED:
        errors.print("interrupted: what was seen until now is kept. Hint: `conform report EVIDENCE` judges it again.")
    return code


def _doubly_named() -> Misuse:
    hint = "leave --source, --python, --baseline and --services out"
    return Misuse("a platform that --url names has its own source and services", hint=hint)


def _duration(words: str) -> timedelta:
    units = {"h": "hours", "m": "minutes", "d": "days"}
    number, unit = words[:-1], units.get(words[-1:])
    if unit is None or not re.fullmatch(r"[0-9]{1,6}", number):
        raise Misuse(f"{words} is no duration", hint="write 24h, 90m or 7d")
    return timedelta(**{unit: int(number)})


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise Misuse(f"cannot read the report {path.name}", hint="name the report.json of a run") from error


def _out(named: Path | None, suite_folder: Path | None) -> Path:
    return (named or suite.find(suite_folder) / "reports" / "out").resolve()


def _shown(folder: Path) -> str:
    return os.path.relpath(folder)
