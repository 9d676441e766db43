"""Features as requirements: one file is a requirement, one `Rule:` a criterion, one scenario or Examples row a check.

Whatever could make a check vanish or be counted twice is refused here, before anything runs: two scenarios of one
name, tags on Examples, Examples without rows, scenarios outside a Rule, tags nobody knows.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, TypeVar, cast

from gherkin.errors import ParserError
from gherkin.parser import Parser

from harness.errors import CatalogueRefused
from harness.model import LANES, Check, Criterion, Lane, Profile, Requirement, Source, SourceKind

Node = Mapping[str, Any]
Word = TypeVar("Word", Profile, Lane)

_REQUIREMENT_TAG: Final = re.compile(r"@([A-Z][A-Z0-9]*-[A-Z0-9]+-\d{3})")
_CRITERION_TAG: Final = re.compile(r"@([A-Z][A-Z0-9]*-[A-Z0-9]+-\d{3}\.\d+)")
_SOURCE_TAG: Final = re.compile(r"@source-(\d+(?:\.\d+)*)")
_PROFILES: Final[tuple[Profile, ...]] = ("core", "hardened")
_OWN_WORDS: Final = frozenset((*(f"@{profile}" for profile in _PROFILES), *(f"@lane-{lane}" for lane in LANES)))
_DOCUMENT_PREFIXES: Final = ("REQ-", "NFR-")


def read(folder: Path) -> tuple[Requirement, ...]:
    """Read every feature below a folder, in the order of the document's sections, its own before derived ones.

    Raises CatalogueRefused with the file and the reason.
    """
    files = sorted(folder.rglob("*.feature"))
    if not files:
        raise CatalogueRefused("there is no feature file in the suite", hint="point --suite at a checkout of the suite")
    requirements = tuple(_requirement(path, root=folder.parent) for path in files)
    places = (path.relative_to(folder.parent).as_posix() for path in files)
    _refuse_repeats("requirement", zip((one.id for one in requirements), places, strict=True))
    return tuple(sorted(requirements, key=_rank))


def checks(requirements: Iterable[Requirement]) -> Iterator[tuple[Criterion, Check]]:
    """Walk over every check with the criterion it belongs to."""
    for requirement in requirements:
        for criterion in requirement.criteria:
            for check in criterion.checks:
                yield criterion, check


def scenario_key(check: Check) -> tuple[str, int]:
    """Tell where a check's scenario stands: its file below the suite and the line of its keyword."""
    path, _, line = check.location.rpartition(":")
    return path, int(line)


def _rank(requirement: Requirement) -> tuple[bool, tuple[int, ...], str]:
    section = tuple(int(part) for part in requirement.source.section.split("."))
    return requirement.source.kind != "document", section, requirement.id


def _requirement(path: Path, *, root: Path) -> Requirement:
    place = path.relative_to(root).as_posix()
    feature = _parsed(path, place=place)
    tags = _tags(feature)
    ids = _matches(_REQUIREMENT_TAG, tags)
    sections = _matches(_SOURCE_TAG, tags)
    if len(ids) != 1 or len(sections) != 1:
        raise _refused(place, feature, "needs one requirement tag and one @source-<section> tag")
    _refuse_unknown(place, feature, tags, known=(f"@{ids[0]}", f"@source-{sections[0]}"))
    paragraphs, reading = _description(feature)
    criteria = tuple(_criteria(feature, place=place, requirement=ids[0]))
    _refuse_repeats("criterion", _criterion_places(feature, place=place))
    _refuse_repeats("scenario name", _scenario_places(feature, place=place))
    kind: SourceKind = "document" if ids[0].startswith(_DOCUMENT_PREFIXES) else "derived"
    return Requirement(
        id=ids[0],
        title=feature["name"],
        text=paragraphs,
        source=Source(section=sections[0], kind=kind),
        reading=reading,
        criteria=criteria,
        chapter=_chapter(path.relative_to(root)),
    )


def _chapter(place: Path) -> str:
    # A feature in no folder is a chapter by itself.
    return "/".join(place.parts[1:-1]) or place.stem


def _parsed(path: Path, *, place: str) -> Node:
    try:
        document = cast("Node", Parser().parse(path.read_text(encoding="utf-8")))
    except (ParserError, UnicodeDecodeError) as error:
        cause = " ".join(str(error).split())
        raise CatalogueRefused(f"{place} is not a feature file", causes=(cause,), hint="mend the Gherkin") from error
    feature = document.get("feature")
    if not feature:
        raise CatalogueRefused(f"{place} holds no feature", hint="begin it with `Feature:`")
    return cast("Node", feature)


def _criteria(feature: Node, *, place: str, requirement: str) -> Iterator[Criterion]:
    background: tuple[str, ...] = ()
    for child in feature["children"]:
        if "background" in child:
            background = _steps(child["background"])
        elif "scenario" in child:
            raise _refused(place, child["scenario"], "stands outside a Rule, so it belongs to no criterion")
        else:
            yield _criterion(child["rule"], feature=feature, place=place, requirement=requirement, given=background)


def _criterion(rule: Node, *, feature: Node, place: str, requirement: str, given: tuple[str, ...]) -> Criterion:
    tags = _tags(rule)
    ids = _matches(_CRITERION_TAG, tags)
    if len(ids) != 1 or not ids[0].startswith(f"{requirement}."):
        raise _refused(place, rule, f"needs one tag of a criterion of {requirement}")
    _refuse_unknown(place, rule, tags, known=(f"@{ids[0]}",))
    inherited = (*_tags(feature), *tags)
    found = tuple(_checks(rule, inherited=inherited, criterion=ids[0], place=place, given=given))
    untested = re.search(r"Untested:\s*(.+)", rule.get("description", ""))
    return Criterion(
        id=ids[0],
        text=rule["name"],
        checks=found,
        untested=untested.group(1).strip() if untested else None,
        hardened="@hardened" in tags or (bool(found) and all(check.profile == "hardened" for check in found)),
    )


def _checks(
    rule: Node, *, inherited: Sequence[str], criterion: str, place: str, given: tuple[str, ...]
) -> Iterator[Check]:
    slugs: list[tuple[str, str]] = []
    for child in rule["children"]:
        if "background" in child:
            given = (*given, *_steps(child["background"]))
            continue
        scenario = child["scenario"]
        tags = _tags(scenario)
        _refuse_unknown(place, scenario, tags, known=())
        if not slug(scenario["name"]):
            raise _refused(place, scenario, "needs a name, which becomes the check's id")
        _refuse_toothless(place, scenario)
        slugs.append((slug(scenario["name"]), _line(place, scenario)))
        template = Check(
            id=f"{criterion}/{slug(scenario['name'])}",
            title=scenario["name"],
            profile=_one(_PROFILES, "@", (*inherited, *tags), place=place, node=scenario),
            needs=_one(LANES, "@lane-", (*inherited, *tags), place=place, node=scenario),
            steps=(*given, *_steps(scenario)),
            location=_line(place, scenario),
        )
        yield from _rows(template, scenario, place=place)
    _refuse_repeats(f"check of {criterion}", slugs)


def _rows(template: Check, scenario: Node, *, place: str) -> Iterator[Check]:
    if not scenario["examples"]:
        if "Outline" in scenario["keyword"] or "Template" in scenario["keyword"]:
            raise _refused(place, scenario, "has no Examples, so its checks would vanish")
        yield template
        return
    number = 0
    for examples in scenario["examples"]:
        if examples["tags"]:
            raise _refused(place, examples, "carries tags, which no runner would obey")
        names = [cell["value"] for cell in examples.get("tableHeader", {}).get("cells", [])]
        if not examples["tableBody"]:
            raise _refused(place, examples, "has no rows, so its checks would vanish")
        for row in examples["tableBody"]:
            number += 1
            values = dict(zip(names, (cell["value"] for cell in row["cells"]), strict=True))
            yield _filled(template, values, number=number)


def _filled(template: Check, values: Mapping[str, str], *, number: int) -> Check:
    shown = ", ".join(f"{name} {value}" for name, value in values.items())
    return Check(
        id=f"{template.id}[{number}]",
        title=f"{template.title} ({shown})",
        profile=template.profile,
        needs=template.needs,
        steps=tuple(_substituted(step, values) for step in template.steps),
        location=template.location,
    )


def slug(name: str) -> str:
    """Turn a scenario's name into the part of a check's id that people type."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")


def _substituted(step: str, values: Mapping[str, str]) -> str:
    for name, value in values.items():
        step = step.replace(f"<{name}>", value)
    return step


def _description(feature: Node) -> tuple[str, str]:
    lines = [line.strip() for line in feature.get("description", "").strip().splitlines()]
    text, _, reading = " ".join(lines).partition("Reading:")
    return text.strip(), reading.strip()


def _steps(node: Node) -> tuple[str, ...]:
    return tuple(f"{step['keyword'].strip()} {step['text']}" for step in node["steps"])


def _tags(node: Node) -> tuple[str, ...]:
    return tuple(tag["name"] for tag in node["tags"])


def _matches(pattern: re.Pattern[str], tags: Iterable[str]) -> list[str]:
    return [found.group(1) for tag in tags if (found := pattern.fullmatch(tag))]


def _one(words: Sequence[Word], prefix: str, tags: Iterable[str], *, place: str, node: Node) -> Word:
    found = [word for word in words if f"{prefix}{word}" in tags]
    if len(found) != 1:
        wanted = " or ".join(f"{prefix}{word}" for word in words)
        raise _refused(place, node, f"needs exactly one of {wanted}")
    return found[0]


def _criterion_places(feature: Node, *, place: str) -> Iterator[tuple[str, str]]:
    for rule in _rules(feature):
        yield from ((name, _line(place, rule)) for name in _matches(_CRITERION_TAG, _tags(rule)))


def _scenario_places(feature: Node, *, place: str) -> Iterator[tuple[str, str]]:
    for rule in _rules(feature):
        for child in rule["children"]:
            if "scenario" in child:
                yield child["scenario"]["name"], _line(place, child["scenario"])


def _rules(feature: Node) -> Iterator[Node]:
    yield from (child["rule"] for child in feature["children"] if "rule" in child)


def _refuse_unknown(place: str, node: Node, tags: Iterable[str], *, known: Iterable[str]) -> None:
    unknown = sorted(set(tags) - _OWN_WORDS - set(known))
    if unknown:
        raise _refused(place, node, f"carries tags nobody knows: {', '.join(unknown)}")


def _refuse_toothless(place: str, scenario: Node) -> None:
    kinds = [step["keywordType"] for step in scenario["steps"]]
    if kinds and kinds[0] == "Conjunction":
        raise _refused(place, scenario, "begins with And or But, which says of no step what it is")
    if kinds and "Outcome" not in kinds:
        raise _refused(place, scenario, "has no Then, so nothing that it sees could fail it")


def _refuse_repeats(what: str, named: Iterable[tuple[str, str]]) -> None:
    first: dict[str, str] = {}
    for name, place in named:
        if name in first:
            said = f"{place}: the {what} “{name}” stands already at {first[name]}"
            raise CatalogueRefused(said, hint="rename one of the two")
        first[name] = place


def _line(place: str, node: Node) -> str:
    return f"{place}:{node['location']['line']}"


def _refused(place: str, node: Node, why: str) -> CatalogueRefused:
    called = node.get("name") or node.get("keyword", "")
    return CatalogueRefused(f"{_line(place, node)}: “{called}” {why}", hint="CONTRIBUTING shows the form of a feature")
