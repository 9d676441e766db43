"""An unsound token is unsound for one reason, each time."""

import jwt
import pytest

from harness.targets import tokens

SECRET = "s" * 64


@pytest.mark.parametrize("word", ["forged", "truncated"])
def test_a_token_whose_signature_is_wrong_is_sound_but_for_that(word: str) -> None:
    """Whoever verifies no signature takes it, whatever was drawn; whoever does refuses it for its signature."""
    for _ in range(40):
        made = tokens.UNSOUND[word]("ada", SECRET)
        unverified = jwt.decode(made, SECRET, algorithms=["HS256"], options={"verify_signature": False})  # pyright: ignore[reportUnknownMemberType] - the library leaves a type open
        assert unverified["sub"] == "ada"
        with pytest.raises(jwt.InvalidSignatureError):
            jwt.decode(made, SECRET, algorithms=["HS256"])  # pyright: ignore[reportUnknownMemberType] - same
