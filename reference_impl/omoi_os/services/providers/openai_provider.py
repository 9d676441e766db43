"""OpenAI's chat completions; OPENAI_API_KEY and OPENAI_BASE_URL are read by the client itself."""

from collections.abc import Iterable

from openai import OpenAI, OpenAIError
from openai.types import CompletionUsage
from openai.types.chat import ChatCompletion, ChatCompletionChunk, ChatCompletionMessageParam

from omoi_os.services.providers.interface import Answer, ProviderFailed, Question, Turn

NAME = "openai"
CUT_SHORT = "length"


class OpenAiProvider:
    """Asks OpenAI."""

    def __init__(self, patience: float) -> None:
        """Build the client, which waits this many seconds for an answer; raises ProviderFailed without a key."""
        try:
            self._client = OpenAI(timeout=patience)
        except OpenAIError as error:
            raise ProviderFailed(NAME, str(error)) from error

    def ask(self, question: Question) -> Answer:
        """Make one call."""
        try:
            return self._streamed(question) if question.streamed else self._whole(question)
        except OpenAIError as error:
            raise ProviderFailed(NAME, str(error)) from error

    def close(self) -> None:
        """Give the connections back."""
        self._client.close()

    def _whole(self, question: Question) -> Answer:
        """Have the answer in one piece."""
        return _read(self._client.chat.completions.create(model=question.model, messages=_messages(question)))

    def _streamed(self, question: Question) -> Answer:
        """Have the answer piece by piece; without being asked to, a stream would not report what it cost."""
        chunks = self._client.chat.completions.create(
            model=question.model,
            messages=_messages(question),
            stream=True,
            stream_options={"include_usage": True},
        )
        with chunks:
            return _gathered(chunks, question.model)


def _messages(question: Question) -> list[ChatCompletionMessageParam]:
    """Lay the conversation out as OpenAI wants it."""
    return [{"role": "system", "content": question.instructions}, *map(_message, question.turns)]


def _message(turn: Turn) -> ChatCompletionMessageParam:
    """Lay one turn out."""
    if turn.role == "user":
        return {"role": "user", "content": turn.text}
    return {"role": "assistant", "content": turn.text}


def _read(completion: ChatCompletion) -> Answer:
    """Read an answer that came in one piece."""
    choice = completion.choices[0] if completion.choices else None
    return _answer(
        completion.model,
        completion.usage,
        text=(choice.message.content if choice else None) or "",
        cut_short=choice is not None and choice.finish_reason == CUT_SHORT,
    )


def _gathered(chunks: Iterable[ChatCompletionChunk], model: str) -> Answer:
    """Put a streamed answer together; its usage comes last."""
    usage: CompletionUsage | None = None
    pieces: list[str] = []
    cut_short = False
    for chunk in chunks:
        model, usage = chunk.model or model, chunk.usage or usage
        for choice in chunk.choices:
            pieces.append(choice.delta.content or "")
            cut_short = cut_short or choice.finish_reason == CUT_SHORT
    return _answer(model, usage, text="".join(pieces), cut_short=cut_short)


def _answer(model: str, usage: CompletionUsage | None, *, text: str, cut_short: bool) -> Answer:
    """Build the answer; one without usage is refused, because its cost would have to be invented."""
    if usage is None:
        raise ProviderFailed(NAME, "the response does not say how many tokens it used")
    return Answer(
        model=model,
        prompt_tokens=usage.prompt_tokens,
        completion_tokens=usage.completion_tokens,
        text=text,
        cut_short=cut_short,
    )
