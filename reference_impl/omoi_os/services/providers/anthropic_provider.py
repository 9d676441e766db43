"""Anthropic's messages; ANTHROPIC_API_KEY and ANTHROPIC_BASE_URL are read by the client itself."""

from anthropic import Anthropic, AnthropicError
from anthropic.types import Message, MessageParam, Usage

from omoi_os.services.providers.interface import Answer, ProviderFailed, Question, Turn

NAME = "anthropic"
CUT_SHORT = "max_tokens"
LONGEST_ANSWER = 4096


class AnthropicProvider:
    """Asks Anthropic."""

    def __init__(self, patience: float) -> None:
        """Build the client, which waits this many seconds for an answer."""
        self._client = Anthropic(timeout=patience)

    def ask(self, question: Question) -> Answer:
        """Make one call."""
        try:
            return _read(self._streamed(question) if question.streamed else self._whole(question))
        except (AnthropicError, TypeError) as error:
            # A client without a key says so by a TypeError, and only when it is asked.
            raise ProviderFailed(NAME, str(error)) from error

    def close(self) -> None:
        """Give the connections back."""
        self._client.close()

    def _whole(self, question: Question) -> Message:
        """Have the answer in one piece."""
        return self._client.messages.create(
            model=question.model,
            system=question.instructions,
            messages=[_message(turn) for turn in question.turns],
            max_tokens=LONGEST_ANSWER,
        )

    def _streamed(self, question: Question) -> Message:
        """Have the answer piece by piece, and put it together."""
        with self._client.messages.stream(
            model=question.model,
            system=question.instructions,
            messages=[_message(turn) for turn in question.turns],
            max_tokens=LONGEST_ANSWER,
        ) as stream:
            return stream.get_final_message()


def _message(turn: Turn) -> MessageParam:
    """Lay one turn of the conversation out as Anthropic wants it."""
    return (
        {"role": "user", "content": turn.text} if turn.role == "user" else {"role": "assistant", "content": turn.text}
    )


def _read(message: Message) -> Answer:
    """Read an answer."""
    return Answer(
        model=message.model,
        prompt_tokens=_prompt_tokens(message.usage),
        completion_tokens=message.usage.output_tokens,
        text="".join(block.text for block in message.content if block.type == "text"),
        cut_short=message.stop_reason == CUT_SHORT,
    )


def _prompt_tokens(usage: Usage) -> int:
    """Count all that went in; unlike OpenAI, Anthropic counts what a cache took or gave apart."""
    cached = (usage.cache_creation_input_tokens, usage.cache_read_input_tokens)
    return usage.input_tokens + sum(count or 0 for count in cached)
