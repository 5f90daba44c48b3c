import re
import unicodedata
from dataclasses import dataclass
from typing import Self

from bot.errors import UserError
from bot.moments.words import FILLERS, fold

_LONGEST = 200  # characters: no date needs more
_SHOWN = 60
_TAKEN = "\n"  # which `fold` never writes: no pattern reaches across what was taken
_PUNCTUATION = " ,;:.!()|@*-"
_LEFT = re.compile(f"[^{_TAKEN}]+")


@dataclass(slots=True)
class Phrase:
    """A text from which one takes what one understands, until nothing is left."""

    text: str
    rest: str

    @classmethod
    def of(cls, text: str) -> Self:
        """Begin to read `text`.

        Raises:
            UserError: if it is too long to be a date.
        """
        composed = unicodedata.normalize("NFC", text)
        if len(composed) > _LONGEST:
            raise unreadable(composed)
        return cls(composed, fold(composed))

    def find(self, *patterns: re.Pattern[str]) -> re.Match[str] | None:
        """Find the first of `patterns` that is there, and leave it there."""
        return next(filter(None, (pattern.search(self.rest) for pattern in patterns)), None)

    def take(self, *patterns: re.Pattern[str]) -> re.Match[str] | None:
        """Find the first of `patterns` that is there, and remove it."""
        if match := self.find(*patterns):
            self.remove(match)
        return match

    def remove(self, match: re.Match[str]) -> None:
        """Count a match as understood, or only its group "taken" if it has one."""
        start, end = match.span("taken" if "taken" in match.re.groupindex else 0)
        self.rest = self.rest[:start] + _TAKEN * (end - start) + self.rest[end:]

    def written(self, match: re.Match[str], group: str | int = 0) -> str:
        """Give a match as the person wrote it."""
        return self.text[slice(*match.span(group))].strip(_PUNCTUATION)

    @property
    def left(self) -> str:
        """The words that were not understood; "" if all were."""
        return " … ".join(
            self.written(piece)
            for piece in _LEFT.finditer(self.rest)
            if FILLERS.sub("", piece[0]).strip(_PUNCTUATION)
        )

    def finish(self) -> None:
        """Make sure that everything was understood.

        Raises:
            UserError: naming what was not.
        """
        if self.left:
            raise unreadable(self.left)


def unreadable(words: str) -> UserError:
    """Say which words are no date, or one too many."""
    return UserError("moments.unreadable", words=shown(words))


def shown(words: str) -> str:
    """Shorten what someone wrote to one line that can be printed."""
    printable = "".join(letter if letter.isprintable() else " " for letter in words)
    line = " ".join(printable.split())
    return line if len(line) <= _SHOWN else f"{line[: _SHOWN - 1]}…"
