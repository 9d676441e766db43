"""Reads the platform's pricing file by itself, exactly, so that no amount is taken on the platform's word."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any, Final, cast

import yaml

from harness.errors import LacksCapability, PlatformMisbehaved
from harness.journal import Journal

FILE: Final = "omoi_os/config/cost_models.yaml"
PROMPT: Final = "prompt_token_cost"
COMPLETION: Final = "completion_token_cost"
REQUIRED_PROVIDERS: Final = ("openai", "anthropic")
DEFAULTS: Final = "defaults"
FORECASTING: Final = "forecasting"
_INSTRUMENT: Final = "pricing file"


@dataclass(frozen=True, slots=True, kw_only=True)
class Amounts:
    """What one call costs in USD, exactly."""

    prompt: Decimal
    completion: Decimal

    @property
    def total(self) -> Decimal:
        """Both parts together."""
        return self.prompt + self.completion


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """USD per prompt token and per completion token."""

    prompt: Decimal
    completion: Decimal

    def of(self, *, prompt_tokens: int, completion_tokens: int) -> Amounts:
        """The cost of a call with these numbers of tokens."""
        return Amounts(prompt=self.prompt * prompt_tokens, completion=self.completion * completion_tokens)


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceList:
    """The prices of a valid file by provider and model, and the default price."""

    providers: Mapping[str, Mapping[str, Price]]
    default: Price

    def price(self, provider: str, model: str) -> Price:
        """The price of a model, or the default price for what is not listed."""
        return self.providers.get(provider, {}).get(model, self.default)

    def listed(self, *, of: str | None = None) -> tuple[tuple[str, str], ...]:
        """Every provider and model that has a price of its own, of one provider where it is named."""
        return tuple(
            (provider, model)
            for provider, models in self.providers.items()
            if of in (None, provider)
            for model in models
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Expectation:
    """What the file expects of a task: its tokens, half of them prompt and half completion, and a buffer on top."""

    tokens: Decimal
    buffer: Decimal

    def of(self, price: Price) -> Decimal:
        """What one task is expected to cost, exactly."""
        return (price.prompt + price.completion) * self.tokens / 2 * self.buffer


class PriceFile:
    """The instrument of REQ-BILL-003.1: what the file says, with duplicates and every number as it was written."""

    def __init__(self, journal: Journal, source: Path) -> None:
        self._journal = journal
        self._tree, self._repeated = load(source / FILE)

    def repeated_keys(self) -> tuple[str, ...]:
        """Keys that one mapping gives twice, of which a loader silently keeps one."""
        keys = sum(1 for _ in _walk(self._tree))
        self._journal.note(_INSTRUMENT, "no key is given twice", observed=self._repeated, expected=(), examined=keys)
        return self._repeated

    def unfit_prices(self) -> tuple[str, ...]:
        """Prices that are no number, not finite, or negative, each with its place."""
        prices = tuple((place, value) for place, value in _walk(self._tree) if place[-1] in (PROMPT, COMPLETION))
        unfit = tuple(f"{'.'.join(place)} is {value}" for place, value in prices if not _is_price(value))
        self._journal.note(
            _INSTRUMENT, "every price is finite and not negative", observed=unfit, expected=(), examined=len(prices)
        )
        return unfit

    def missing_prices(self) -> tuple[str, ...]:
        """Required keys that the file lacks: each provider with a model, the defaults, and both prices of each."""
        places = tuple(_required(self._tree))
        missing = tuple(".".join(place) for place in places if _at(self._tree, place) is None)
        self._journal.note(
            _INSTRUMENT, "the required prices are there", observed=missing, expected=(), examined=len(places)
        )
        return missing

    def expectation(self) -> Expectation:
        """How the file says that tasks are forecast; LacksCapability when it publishes nothing about that."""
        published = _at(self._tree, (FORECASTING,))
        self._journal.note(
            _INSTRUMENT, "forecasting is published", observed=str(published), examined=sum(1 for _ in _walk(self._tree))
        )
        tokens, buffer = (_at(published, (name,)) for name in ("avg_tokens_per_task", "buffer_multiplier"))
        if not (isinstance(tokens, Decimal) and isinstance(buffer, Decimal)):
            raise LacksCapability("the pricing file publishes no average tokens of a task with a buffer")
        return Expectation(tokens=tokens, buffer=buffer)


def price_list(source: Path) -> PriceList:
    """The prices of a source tree; PlatformMisbehaved when its file cannot price anything."""
    tree, _ = load(source / FILE)
    try:
        providers = {
            str(provider): {str(model): _price(entry) for model, entry in models.items()}
            for provider, models in tree["providers"].items()
        }
        return PriceList(providers=providers, default=_price(tree[DEFAULTS]))
    except (KeyError, TypeError, AttributeError, InvalidOperation) as error:
        raise _unfit(f"lacks a price ({type(error).__name__}: {error})") from error


def load(path: Path) -> tuple[Mapping[str, Any], tuple[str, ...]]:
    """The file as a tree with numbers as exact decimals, and the keys that are given twice."""
    loader_kind = _loader()
    try:
        with path.open(encoding="utf-8") as file:
            loader = loader_kind(file)
            try:
                tree = loader.get_single_data()
            finally:
                loader.dispose()
    except FileNotFoundError as error:
        raise _unfit("does not exist") from error
    except (yaml.YAMLError, UnicodeDecodeError, OSError) as error:
        raise _unfit(f"cannot be read: {' '.join(str(error).split())}") from error
    if not isinstance(tree, dict):
        raise _unfit("holds no mapping")
    return cast("Mapping[str, Any]", tree), tuple(loader_kind.repeated)


def _loader() -> Any:
    """A fresh safe loader: it reads numbers as decimals and remembers repeated keys."""

    class Loader(yaml.SafeLoader):
        repeated: Final[list[str]] = []

        def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
            names = [str(key.value) for key, _ in node.value]
            self.repeated.extend(
                f"{name} (line {node.start_mark.line + 1})" for name in sorted({n for n in names if names.count(n) > 1})
            )
            return super().construct_mapping(node, deep=deep)

    Loader.add_constructor("tag:yaml.org,2002:float", _decimal)
    Loader.add_constructor("tag:yaml.org,2002:int", _decimal)
    return Loader


def _decimal(_: Any, node: yaml.ScalarNode) -> Decimal | str:
    text = str(node.value).replace("_", "").lower().removeprefix("+")
    try:
        return Decimal(text.replace(".inf", "Infinity").replace(".nan", "NaN"))
    except InvalidOperation:
        return str(node.value)


def _walk(tree: object, place: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], object]]:
    if not isinstance(tree, dict):
        return
    for key, value in cast("dict[object, object]", tree).items():
        here = (*place, str(key))
        yield here, value
        yield from _walk(value, here)


def _required(tree: Mapping[str, Any]) -> Iterator[tuple[str, ...]]:
    for provider in REQUIRED_PROVIDERS:
        models = _at(tree, ("providers", provider))
        yield ("providers", provider)
        for model in cast("dict[object, object]", models) if isinstance(models, dict) and models else ("<a model>",):
            yield from (("providers", provider, str(model), kind) for kind in (PROMPT, COMPLETION))
    yield from ((DEFAULTS, kind) for kind in (PROMPT, COMPLETION))


def _at(tree: object, place: tuple[str, ...]) -> object:
    for key in place:
        if not isinstance(tree, dict):
            return None
        entries = cast("dict[object, object]", tree)
        tree = next((value for name, value in entries.items() if str(name) == key), None)
    return tree


def _price(entry: Any) -> Price:
    return Price(prompt=Decimal(str(entry[PROMPT])), completion=Decimal(str(entry[COMPLETION])))


def _is_price(value: object) -> bool:
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return False
    return not isinstance(value, bool) and number.is_finite() and number >= 0


def _unfit(why: str) -> PlatformMisbehaved:
    return PlatformMisbehaved(f"the pricing file {FILE} {why}", operation="load prices")
