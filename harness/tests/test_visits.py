"""Running platforms are named by URLs without secrets, visitors by the environment; whatever is unsound is refused."""

import time
from collections.abc import Generator, Mapping
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any, Final

import jwt
import pytest

from harness.errors import CannotTell, Misuse, TargetNotFound
from harness.journal import Journal
from harness.observe import doorway, filling, finding, operations
from harness.observe.doorway import Doorway, House
from harness.observe.filling import Cast
from harness.observe.traces import Marks
from harness.probes import access
from harness.probes.access import Access
from harness.services import addresses, choice, deployed, kinds
from harness.services.workspace import Workspace
from harness.targets import deployment, tokens

URL: Final = "https://staging.example/platform"
PROJECT: Final = {"name": "project_id", "in": "path", "required": True, "schema": {"type": "string"}}
ANSWER: Final = {"responses": {"200": {"description": "costs"}}}
STREAM: Final[Mapping[str, Any]] = {"responses": {"200": {"content": {"text/event-stream": {}}}}}
OPERATIONS: Final = operations.listed(
    {
        "paths": {
            "/projects/{project_id}/costs": {"get": {"parameters": [PROJECT], **ANSWER}},
            "/costs": {"get": ANSWER},
        }
    }
)
COSTS: Final = '[{"total_cost": 12.3456}]'
OWN: Final = "GET /projects/{project_id}/costs (project)"
VISITORS: Final = 'project = "p1"\n[tokens]\nmember = "t0k3n"\n"organisation owner" = "0wn3r"\n'


@contextmanager
def answering(*bodies: str, status: int = 200, endless: bool = False) -> Generator[str]:
    """A server that answers with one body after another, and with the last of them from then on."""
    waiting: list[str] = list(bodies)

    class Answers(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = (waiting.pop(0) if len(waiting) > 1 else waiting[0]).encode()
            self.send_response(status)
            if not endless:
                self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
            with suppress(OSError):
                while endless:
                    time.sleep(0.05)
                    self.wfile.write(b" ")

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library calls it so
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Answers) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


def test_a_running_platform_is_no_service() -> None:
    """Its URL is no address of services, and what services there are is out of reach."""
    chosen = kinds.of_platform(f"{URL}/")
    assert (chosen.words, chosen.kind, chosen.again) == (URL, "deployed", ("--url", URL))
    assert not addresses.are(chosen.words)
    with (
        Workspace.open() as workspace,
        pytest.raises(CannotTell, match="out of reach"),
        choice.open_quarters(URL, workspace, run="r"),
    ):
        pass
    with pytest.raises(Misuse, match="addresses of services"):
        kinds.choose(URL)


@pytest.mark.parametrize(
    "words",
    [
        "staging.example",
        "ftp://staging.example",
        "https://",
        "https://h:port",
        "https://h?a=b",
        "https://h#part",
        "https://ada:secret@h",
        "https://ada@h",
    ],
)
def test_other_words_name_no_running_platform(words: str) -> None:
    """No word of them is said again."""
    with pytest.raises(Misuse) as refused:
        deployed.read(words)
    assert "secret" not in str(refused.value)


def test_visitors_come_from_the_environment_or_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody is named without them, and no token is shown."""
    assert not deployment.visitors().tokens
    file = tmp_path / "visitors.toml"
    file.write_text(VISITORS)
    monkeypatch.setenv("CONFORM_VISITORS_FILE", str(file))
    found = deployment.visitors()
    monkeypatch.setenv("CONFORM_VISITORS", VISITORS)
    assert deployment.visitors() == found
    assert (found.project, found.tokens) == ("p1", {"member": "t0k3n", "organisation owner": "0wn3r"})
    assert "t0k3n" not in repr(found)


@pytest.mark.parametrize(
    "written",
    [
        "t0k3n",
        VISITORS.replace("member", "memmber"),
        'project = "p1"',
        '[tokens]\nmember = "t0k3n"',
        VISITORS.replace("0wn3r", "t0k3n"),
        VISITORS.replace("0wn3r", "Bearer t0k3n"),
        VISITORS.replace("0wn3r", "t0k3n…"),
        VISITORS.replace("0wn3r", "t0k3n\\n"),
        VISITORS.replace("0wn3r", ""),
        "[tokens]\nmember=1",
    ],
)
def test_unsound_visitors_are_misuse(written: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The right form is told, the token is not."""
    monkeypatch.setenv("CONFORM_VISITORS", written)
    with pytest.raises(Misuse, match=r"project = \"ID\"") as refused:
        deployment.visitors()
    assert "t0k3n" not in str(refused.value)


def test_a_file_of_visitors_that_is_not_there_is_misuse(monkeypatch: pytest.MonkeyPatch) -> None:
    """The variable is named."""
    monkeypatch.setenv("CONFORM_VISITORS_FILE", "/nowhere")
    with pytest.raises(Misuse, match="CONFORM_VISITORS_FILE"):
        deployment.visitors()


def test_what_is_published_stands_for_the_build() -> None:
    """Its version and a digest of it, another one for another description."""
    with answering('{"info": {"version": "7"}, "paths": {"/costs": {}}}', '{"paths": {"/costs": {}}}') as url:
        first, second = deployment.published(url), deployment.published(url)
    assert (first.version, second.version) == ("7", "unknown")
    assert first.digest != second.digest


def test_another_service_is_not_blamed_for_having_no_costs() -> None:
    """Its description is sound, and the address is what is wrong."""
    with answering('{"paths": {"/parcels": {}}}') as url, pytest.raises(TargetNotFound, match="no operation on costs"):
        deployment.published(url)


@pytest.mark.parametrize(
    ("body", "status"), [("hello", 200), ("[]", 200), ("{}", 200), ('{"paths": {"/costs": {}}}', 500)]
)
def test_what_publishes_no_description_is_no_platform(body: str, status: int) -> None:
    """Be it another service, or one that fails."""
    with answering(body, status=status) as url, pytest.raises(TargetNotFound, match=f"answered {status}"):
        deployment.published(url)


def test_unsound_tokens_are_made_of_a_sound_one() -> None:
    """They say the same of the same person, and none of them is signed with the secret."""
    sound = tokens.mint("ada", secret="s" * 32)
    made = tokens.spoiled(sound)
    assert made.keys() == {"truncated", "forged", "unsigned"}
    assert sound.startswith(made["truncated"])
    for one in (made["forged"], made["unsigned"]):
        assert jwt.decode(one, options={"verify_signature": False})["sub"] == "ada"  # pyright: ignore[reportUnknownMemberType] - the library leaves a type open
        with pytest.raises(jwt.InvalidTokenError):
            jwt.decode(one, "s" * 32, algorithms=["HS256"])  # pyright: ignore[reportUnknownMemberType] - the library leaves a type open
    assert tokens.spoiled("an-opaque-token-of-a-session").keys() == {"truncated"}


def entrance(url: str) -> Access:
    """What two people of a project at a running platform are told, where two numbers are known to be its own."""
    filled = filling.fill(OPERATIONS, Cast(ids={"project": ("p1",)}))
    house = House(url=url, own=Marks.of(numbers=(12.3456, 65.4321), words=()), deployed=True)
    insiders = access.measure_insiders(house, filled, {"member": "one", "viewer": "two"})
    return Access(Journal(), house, filled, insiders)


def test_a_project_at_work_is_not_judged() -> None:
    """Costs that change while people are asked would be taken for costs that some of them are not shown."""
    with answering(COSTS) as url:
        assert entrance(url).insiders.shown(OWN) == {"12.3456"}
    with answering(*4 * [COSTS], COSTS.replace("12.3456", "65.4321")) as url, pytest.raises(CannotTell, match="rest"):
        entrance(url)


def test_amounts_that_others_have_by_themselves_are_not_the_project_s() -> None:
    """Nobody drew them: they count where the project was named, and not in a list of somebody's own costs."""
    with answering(COSTS) as url:
        told = entrance(url).outsider("stranger", "three")
    assert {one.question.label: bool(one.own) for one in told} == {OWN: True, "GET /costs": False}


def test_a_token_that_lets_nobody_in_shows_nothing() -> None:
    """Whoever gave it may have given an old one; of tokens that are to be refused that is just what is asked."""
    with answering(COSTS, status=401) as url:
        seen = entrance(url)
        assert seen.outsider("expired", "old", known=False)
        for ask in (lambda: seen.outsider("stranger", "old"), lambda: seen.insider("member")):
            with pytest.raises(CannotTell, match="lets nobody in"):
                ask()


def test_a_project_of_round_amounts_is_not_recognised() -> None:
    """They could be anybody's, and so nobody is found to be shown them, or not to be."""
    asked = {"token": "one", "who": "member", "project": "p1"}
    with answering(COSTS) as url:
        assert finding.find(OPERATIONS, House(url=url), **asked).marks.numbers == {"12.3456"}
    with answering('[{"total_cost": 0.045}]') as url, pytest.raises(CannotTell, match="no amount"):
        finding.find(OPERATIONS, House(url=url), **asked)


def test_an_answer_that_never_ends_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither a document that comes bit by bit, nor a stream that shows that it lives and nothing else."""
    monkeypatch.setattr(doorway, "ANSWER_SECONDS", 0.4)
    with answering("[", endless=True) as url, pytest.raises(CannotTell, match="was not answered in"):
        entrance(url)
    stream = filling.fill(operations.listed({"paths": {"/events": {"get": STREAM}}}), Cast(ids={})).questions[0]
    with answering(": alive", endless=True) as url, Doorway(House(url=url, deployed=True), "one", who="member") as door:
        assert door.ask(stream).text.startswith(": alive")


def test_a_token_says_of_itself_whether_it_has_expired() -> None:
    """One that says nothing is taken for what it was given as."""
    assert tokens.lasts(tokens.mint("ada", secret="s" * 32))
    assert not tokens.lasts(tokens.expired("ada", secret="s" * 32))
    assert not tokens.lasts("an-opaque-token-of-a-session")


@pytest.mark.parametrize("status", [500, 502, 504, 520])
def test_a_gateway_in_between_is_not_the_platform(status: int) -> None:
    """What it answers says nothing; neither does a connection that fails."""
    with answering("", status=status) as url, pytest.raises(CannotTell, match="gateway"):
        entrance(url)
    with pytest.raises(CannotTell, match="lost on the way"):
        entrance(url)
