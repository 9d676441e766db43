"""Embeddings from the provider stub, asked for by the official client in a process of its own and by hand."""

import json
import math
import subprocess
import sys
from collections.abc import Iterator
from typing import Any, Final

import httpx
import pytest

from harness.services.provider.stub import ProviderStub

KEY: Final = {"Authorization": "Bearer conform"}
# The harness may not import the client, so a process of its own does.
CLIENT: Final = """
import json, sys
import openai
with openai.OpenAI(base_url=sys.argv[1] + "/v1", api_key="conform") as api:
    got = api.embeddings.create(model="text-embedding-3-small", input=sys.argv[2:])
print(json.dumps([one.embedding for one in got.data]))
"""


@pytest.fixture
def stub() -> Iterator[ProviderStub]:
    """A stub."""
    with ProviderStub("embeddings") as made:
        yield made


def asked(stub: ProviderStub, **fields: object) -> httpx.Response:
    """The answer to a request by hand."""
    body = {"model": "text-embedding-3-small", **fields}
    return httpx.post(f"{stub.url}/v1/embeddings", headers=KEY, json=body, trust_env=False)


def test_the_official_client_is_given_a_vector_of_length_one_for_each_text(stub: ProviderStub) -> None:
    """It asks for packed numbers and unpacks them itself; equal texts have equal vectors."""
    words = (sys.executable, "-c", CLIENT, stub.url, "one text", "another", "one text")
    done = subprocess.run(words, capture_output=True, text=True, timeout=60, check=True)
    first, second, third = json.loads(done.stdout)
    assert first == third != second
    assert len(second) == 1536
    assert math.hypot(*first) == pytest.approx(1, abs=1e-6)


def test_as_many_numbers_are_given_as_were_asked_for(stub: ProviderStub) -> None:
    """Also as plain numbers, and for tokens in place of a text."""
    (given,) = asked(stub, input=[1, 2, 3], dimensions=8).json()["data"]
    assert len(given["embedding"]) == 8


@pytest.mark.parametrize(
    "fields", [{}, {"input": []}, {"input": "text", "dimensions": 0}, {"input": "text", "model": 1}]
)
def test_what_the_provider_would_not_take_is_refused(stub: ProviderStub, fields: dict[str, Any]) -> None:
    """As it would refuse it."""
    answer = asked(stub, **fields)
    assert answer.status_code == 400
    assert answer.json()["error"]["type"] == "invalid_request_error"


def test_an_embedding_is_no_response_of_any_conversation(stub: ProviderStub) -> None:
    """Nobody records it as a cost of a task, so it is not in the book against which costs are held."""
    stub.expect("words of a task", calls=1)
    assert asked(stub, input="words of a task").status_code == 200
    assert (stub.served(), stub.arrived("words of a task")) == ((), 0)
