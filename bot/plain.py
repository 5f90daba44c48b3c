"""Text from people, without the characters that only disturb."""

import re
import unicodedata

# Invisible, or turning the direction of what follows; emoji joiners are kept.
_DISTURBING = re.compile(
    "[\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff\x00-\x08\x0b-\x1f\x7f]"
)


def line(text: str) -> str:
    """Make one line of a text: no control characters, no white space around or twice within."""
    return " ".join(clean(text).split())


def clean(text: str) -> str:
    """Take out the characters that disturb, and keep the lines."""
    return _DISTURBING.sub("", unicodedata.normalize("NFC", text.replace("\r\n", "\n")))


def cut(text: str, most: int) -> str:
    """Shorten a text to `most` characters, at a word's end where there is one, with an ellipsis."""
    if len(text) <= most:
        return text
    kept = text[: most - 1]
    head, _, _ = kept.rpartition(" ")
    return (head if len(head) > most // 2 else kept).rstrip() + "…"


def folded(text: str) -> str:
    """Write a text as people type it in a hurry: small letters without accents."""
    apart = unicodedata.normalize("NFKD", text.replace("’", "'"))
    return "".join(it for it in apart if not unicodedata.combining(it)).casefold()
