"""Providers: what their clients make of answers that cannot be billed, and of settings that lack."""

import subprocess
import sys

import pytest

from conftest import ROOT
from demo.provider import FakeProvider
from omoi_os.services.providers.directory import ProviderDirectory, missing_packages
from omoi_os.services.providers.interface import ProviderFailed, Question, Turn

QUESTION = Question(model="m", instructions="Be brief.", turns=(Turn(role="user", text="Begin."),), streamed=False)


@pytest.fixture
def directory(provider: FakeProvider, monkeypatch: pytest.MonkeyPatch) -> ProviderDirectory:
    """A directory whose clients find the provider."""
    for name, value in provider.environment.items():
        monkeypatch.setenv(name, value)
    return ProviderDirectory()


@pytest.mark.parametrize("name", ["openai", "anthropic"])
def test_one_client_serves_everybody(directory: ProviderDirectory, provider: FakeProvider, name: str) -> None:
    """A client is built once, asks, and is closed with the directory."""
    client = directory.named(name)
    assert client is directory.named(name)
    answer = client.ask(QUESTION)
    (served,) = provider.served
    assert (answer.prompt_tokens, answer.completion_tokens) == (served.prompt_tokens, served.completion_tokens)
    assert (answer.model, answer.text, answer.cut_short) == ("m", "Part 1 is done.", False)
    directory.close()
    with pytest.raises((ProviderFailed, RuntimeError)):
        client.ask(QUESTION)


@pytest.mark.parametrize("name", ["openai", "anthropic"])
def test_without_a_key_nobody_is_asked(
    directory: ProviderDirectory, provider: FakeProvider, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """A missing key is a failure of the provider's, said in its client's words."""
    monkeypatch.delenv(f"{name.upper()}_API_KEY")
    with pytest.raises(ProviderFailed, match=f"^{name}: "):
        directory.named(name).ask(QUESTION)
    assert provider.served == []


@pytest.mark.parametrize("streamed", [False, True])
def test_an_answer_without_counts_is_no_answer(directory: ProviderDirectory, streamed: bool) -> None:
    """A response that does not say what it used cannot be billed, and is never billed as nothing."""
    silent = Question(model="m", instructions="", turns=(Turn(role="user", text="(counts: 0)"),), streamed=streamed)
    with pytest.raises(ProviderFailed, match="how many tokens"):
        directory.named("openai").ask(silent)


def test_a_provider_of_another_protocol_is_not_asked(directory: ProviderDirectory) -> None:
    """An agent whose provider nobody speaks to fails by name."""
    with pytest.raises(ProviderFailed, match=r"^elsewhere: nobody"):
        directory.named("elsewhere")


def test_clients_are_imported_when_they_are_needed() -> None:
    """The platform starts without the time that importing both clients takes, and knows that they are there."""
    assert missing_packages() == []
    program = "import sys, omoi_os.api.main; sys.exit(bool({'openai', 'anthropic'} & sys.modules.keys()))"
    assert subprocess.run([sys.executable, "-c", program], cwd=ROOT, check=False).returncode == 0
