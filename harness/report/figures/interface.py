"""What a drawn figure is: a picture, a sentence that says the same, and a list where names would crowd it."""

from dataclasses import dataclass

from markupsafe import Markup


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """One figure, ready for the page; `told` is for those who do not see the picture, `listed` stands below it."""

    title: str
    picture: Markup
    told: str
    listed: tuple[str, ...] = ()
