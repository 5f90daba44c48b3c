import codecs
import contextlib
import re
import unicodedata

from bot.errors import UserError

LONGEST = 200_000
"""How many characters an article may have; the longest recaps have some 10,000."""

_ZERO_WIDTH_JOINER = "\u200d"
# Controls, formats (zero width, bidi, BOM), lone surrogates, and the icons of private fonts.
_INVISIBLE = {"Cc", "Cf", "Cs", "Co"}
# A joiner is kept where it joins two emojis into one.
_STRAY_JOINER = re.compile(r"\u200d(?![\u2600-\u27bf\U0001f000-\U0001faff])")
_WIDE_GAP = re.compile(r"(\s)\s+")
_QUOTE_MARK = re.compile(r"^(?:> ?)++(?![0-9])")  # "> 150 personnes" is a number
_RULE = re.compile(r"(?:[-*_=#] ?){3,}|#+|(?:#+ )?(?:!\[[^\[\]]*\]\([^()]*\) ?)+")
_UNDERLINE = re.compile(r"={3,}|-{3,}")
_UNDERLINED_AT_MOST = 150

# A character that was escaped hides here while the marks go; `lines` has emptied the place.
_SHELTER = 0xF0000
_ESCAPED = re.compile(r"\\([!-/:-@\[-`{-~])")
_SHELTERED = {_SHELTER + code: chr(code) for code in range(128)}
_MARK = re.compile(r"[\\*_~`\[<]")
_IMAGE = re.compile(r"!\[[^\[\]]*\]\((?:[^()]|\([^()]*\))*+\)")
_LINK = re.compile(r"\[([^\[\]]*)\]\((?:[^()]|\([^()]*\))*+\)")
_BARE_LINK = re.compile(r"<(https?://[^\s<>]+)>")
_EMPHASIS = (
    re.compile(r"(?<![\w*])(\*{1,3})(?=[^\s*])([^*]++)(?<=\S)\1"),
    re.compile(r"(?<!\w)(_{1,3})(?=[^\s_])([^_]++)(?<=\S)\1(?!\w)"),
    re.compile(r"(~~)(?=[^\s~])([^~]++)(?<=\S)\1"),
    re.compile(r"(`{1,2})(?=[^\s`])([^`]++)(?<=\S)\1"),
)


def decode(raw: bytes) -> str:
    """Read the bytes of a text file: UTF-16 by its mark, else UTF-8, else Windows-1252.

    Raises:
        UserError: `article.not_text`, if they are no text.
    """
    marked = raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    for encoding in ("utf-16",) if marked else ("utf-8-sig", "cp1252"):
        with contextlib.suppress(UnicodeDecodeError):
            text = raw.decode(encoding)
            if "\0" not in text:
                return text
    raise UserError("article.not_text")


def lines(text: str) -> list[str]:
    """Cut a text into trimmed lines, without characters or marks that show nothing.

    A no-break space stays where it stands alone; of several blank lines one stays. Markdown's
    underlined headings come out with `#`, its rules and lonely pictures as blank lines.

    Raises:
        UserError: `article.too_long`, `article.not_text` or `article.empty`.
    """
    if len(text) > LONGEST:
        raise UserError("article.too_long", length=len(text), limit=LONGEST)
    if "\0" in text:
        raise UserError("article.not_text")
    trimmed = [_WIDE_GAP.sub(r"\1", _visible(line)).strip() for line in text.splitlines()]
    unquoted = [_QUOTE_MARK.sub("", line) for line in trimmed]
    found = ["" if _RULE.fullmatch(line) else line for line in _with_hashes(unquoted)]
    if not any(found):
        raise UserError("article.empty")
    return [line for above, line in zip(["", *found], found, strict=False) if above or line]


def plain(text: str) -> str:
    """Take Markdown's marks off a line or paragraph; a link keeps its words, a picture goes."""
    if not _MARK.search(text):
        return text.strip()
    text = _ESCAPED.sub(_sheltered, text)
    text = _BARE_LINK.sub(r"\1", _LINK.sub(r"\1", _IMAGE.sub("", text)))
    for _ in range(2):  # emphasis stands inside emphasis
        for pattern in _EMPHASIS:
            text = pattern.sub(r"\2", text)
    return text.translate(_SHELTERED).strip()


def _visible(line: str) -> str:
    return _STRAY_JOINER.sub("", "".join(filter(_is_visible, line.expandtabs(1))))


def _is_visible(character: str) -> bool:
    return character == _ZERO_WIDTH_JOINER or unicodedata.category(character) not in _INVISIBLE


def _sheltered(match: re.Match[str]) -> str:
    return chr(_SHELTER + ord(match[1]))


def _with_hashes(found: list[str]) -> list[str]:
    """Write each heading that is underlined with === or --- as one that begins with #."""
    result: list[str] = []
    for line in found:
        *_, above, words = ("", "", *result[-2:])
        if _UNDERLINE.fullmatch(line) and 0 < len(words) <= _UNDERLINED_AT_MOST and not above:
            result[-1] = f"{'# ' if line[0] == '=' else '## '}{words}"
        else:
            result.append(line)
    return result
