"""The price list: what a token costs, by provider and model."""

from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import cast

from omoi_os.config import exact_yaml

SHIPPED = Path(__file__).with_name("cost_models.yaml")
REQUIRED_PROVIDERS = ("openai", "anthropic")


class PricingRefused(Exception):
    """The pricing file cannot be used; the message names the file and the key."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(f"pricing file {path}: {reason}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """US dollars per prompt token and per completion token."""

    prompt_token_cost: Decimal
    completion_token_cost: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecasting:
    """What one task is assumed to use, and the margin laid on top."""

    avg_tokens_per_task: int
    buffer_multiplier: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceList:
    """Every price of the file, and the price of everything else."""

    providers: dict[str, dict[str, Price]]
    defaults: Price
    forecasting: Forecasting
    warning_threshold: Decimal

    def price_of(self, provider: str, model: str) -> Price:
        """Return the listed price, or the default price of what is not listed."""
        return self.providers.get(provider, {}).get(model, self.defaults)


def read(path: Path | None = None) -> PriceList:
    """Read and check a pricing file (the shipped one if none is named); raises PricingRefused."""
    source = path or SHIPPED
    try:
        document = exact_yaml.read(source)
    except OSError as error:
        raise PricingRefused(source, error.strerror or "cannot be opened") from error
    except exact_yaml.YamlRefused as error:
        raise PricingRefused(source, str(error)) from error
    return _Checked(source).price_list(document)


@dataclass(frozen=True, slots=True)
class _Checked:
    """Turns a document into prices and refuses whatever is missing or impossible."""

    path: Path

    def price_list(self, document: object) -> PriceList:
        root = self._mapping(document, "the document")
        return PriceList(
            providers=self._providers(self._section(root, "providers")),
            defaults=self._price(self._section(root, "defaults"), "defaults"),
            forecasting=self._forecasting(self._section(root, "forecasting")),
            warning_threshold=self._share(self._section(root, "budget_alerts"), "warning_threshold"),
        )

    def _providers(self, section: dict[str, object]) -> dict[str, dict[str, Price]]:
        for name in REQUIRED_PROVIDERS:
            self._section(section, name, within="providers.")
        return {name: self._models(models, f"providers.{name}") for name, models in section.items()}

    def _models(self, value: object, key: str) -> dict[str, Price]:
        models = self._mapping(value, key)
        if not models:
            raise PricingRefused(self.path, f"{key} lists no model")
        return {
            name: self._price(self._mapping(price, f"{key}.{name}"), f"{key}.{name}") for name, price in models.items()
        }

    def _price(self, section: dict[str, object], key: str) -> Price:
        return Price(
            prompt_token_cost=self._amount(section, "prompt_token_cost", within=f"{key}."),
            completion_token_cost=self._amount(section, "completion_token_cost", within=f"{key}."),
        )

    def _forecasting(self, section: dict[str, object]) -> Forecasting:
        tokens = self._amount(section, "avg_tokens_per_task", within="forecasting.")
        if tokens != tokens.to_integral_value():
            raise PricingRefused(self.path, f"forecasting.avg_tokens_per_task must be a whole number, not {tokens}")
        multiplier = self._amount(section, "buffer_multiplier", within="forecasting.")
        return Forecasting(avg_tokens_per_task=int(tokens), buffer_multiplier=multiplier)

    def _share(self, section: dict[str, object], name: str) -> Decimal:
        share = self._amount(section, name, within="budget_alerts.")
        if share > 1:
            raise PricingRefused(self.path, f"budget_alerts.{name} must lie between 0 and 1, not {share}")
        return share

    def _amount(self, section: dict[str, object], name: str, *, within: str) -> Decimal:
        value = self._present(section, name, within)
        if isinstance(value, bool) or not isinstance(value, int | Decimal):
            raise PricingRefused(self.path, f"{within}{name} must be a number, not {value!r}")
        if value < 0:
            raise PricingRefused(self.path, f"{within}{name} must not be negative, but is {value}")
        return Decimal(value)

    def _section(self, mapping: dict[str, object], name: str, *, within: str = "") -> dict[str, object]:
        return self._mapping(self._present(mapping, name, within), f"{within}{name}")

    def _present(self, mapping: dict[str, object], name: str, within: str) -> object:
        if name not in mapping:
            raise PricingRefused(self.path, f"{within}{name} is missing")
        return mapping[name]

    def _mapping(self, value: object, key: str) -> dict[str, object]:
        if not isinstance(value, dict):
            raise PricingRefused(self.path, f"{key} must be a mapping, not {value!r}")
        return {str(name): entry for name, entry in cast("dict[object, object]", value).items()}
