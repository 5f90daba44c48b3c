"""What holds for every text, whatever its shape."""

import contextlib
import re
import time
from itertools import chain

import pytest
from hypothesis import assume, given, reject, settings
from hypothesis import strategies as st

from bot.errors import UserError
from bot.recaps import article
from bot.recaps.article import Article

BODY = "Un paragraphe qui dit quelque chose de la journée, et que 80 personnes ont entendu."
PIECES = (
    "Publié le 23 décembre 2025 - Par admin", "# Retour sur les Assises #2 : une fête", "Le bal",
    "## Le bal", "**Le bal**", "A ne pas manquer", "22 décembre 2025 - Par admin", "- un point",
    "1. un point", "> cité", "[un lien](https://a.example)", "![image](a.png)", "---", "===", "",
    "Près de 80 personnes, puis plus de 200 invités.", BODY, f"{BODY} *{BODY}* {BODY}",
)  # fmt: skip
MARKS = re.compile(r"[\W_]+")

pytestmark = pytest.mark.slow
# The machine may be busy.
unhurried = settings(deadline=None)

pieces = st.lists(st.sampled_from(PIECES) | st.text(max_size=40), max_size=20)
texts = st.builds(str.join, st.sampled_from(["\n", "\n\n", "\r\n", " \n\t\n"]), pieces)


word = st.text("abcdéèœ", min_size=1, max_size=8)
words = st.lists(word, min_size=1, max_size=8).map(" ".join).map(str.capitalize)
sentence = words.map("{}.".format)
Written = list[tuple[str, list[str]]]
sections = st.lists(st.tuples(words, st.lists(sentence, min_size=1, max_size=3)), max_size=4)


def read(text: str) -> Article:
    try:
        return article.read(text)
    except UserError:
        reject()


def stored(recap: Article) -> list[str]:
    sections = ((section.heading, *section.paragraphs) for section in recap.sections)
    related = (item.title for item in recap.related)
    return [recap.title, *recap.lead, *chain.from_iterable(sections), *related]


def letters(text: str) -> str:
    return MARKS.sub("", text)


@unhurried
@given(st.text() | texts)
def test_nothing_but_a_reason_is_ever_raised(text: str) -> None:
    with contextlib.suppress(UserError):
        article.read(text)


@unhurried
@given(st.binary())
def test_no_file_raises_anything_but_a_reason(raw: bytes) -> None:
    with contextlib.suppress(UserError):
        article.decode(raw)


@unhurried
@given(texts)
def test_every_word_that_is_stored_stands_in_the_source(text: str) -> None:
    assume("](" not in text.replace("[un lien](https://a.example)", "un lien"))
    source = letters(text.replace("[un lien](https://a.example)", "un lien"))
    for words in stored(read(text)):
        assert letters(words) in source


@unhurried
@given(texts)
def test_every_figure_stands_in_its_section(text: str) -> None:
    recap = read(text)
    for figure in recap.figures:
        at = figure.section
        paragraphs = recap.lead if at is None else recap.sections[at].paragraphs
        assert any(figure.sentence in paragraph for paragraph in paragraphs)
        assert figure.what in figure.sentence


@unhurried
@given(st.lists(sentence, min_size=1, max_size=3), sections)
def test_what_was_written_is_what_is_read(lead: list[str], written: Written) -> None:
    pasted = "\n\n".join(["Un titre", *lead, *chain.from_iterable((h, *ps) for h, ps in written)])
    marked = "\n\n".join(
        ["# Un titre", *lead, *chain.from_iterable((f"## {h}", *ps) for h, ps in written)]
    )
    for text in (pasted, marked):
        recap = read(text)
        assert recap.lead == tuple(lead)
        assert [(part.heading, [*part.paragraphs]) for part in recap.sections] == written


@unhurried
@given(sections, st.data())
def test_a_break_in_any_gap_leaves_the_same_fingerprint(
    written: Written, data: st.DataObject
) -> None:
    text = "\n\n".join(["Un titre", BODY, *chain.from_iterable((h, *ps) for h, ps in written)])
    gaps = [at for at, character in enumerate(text) if character == " " and at > len("Un titre")]
    at = data.draw(st.sampled_from(gaps))
    broken = f"{text[:at]}\n{text[at + 1 :]}"
    assert article.fingerprint(read(broken)) == article.fingerprint(read(text))


SILLY = (
    "[", "[a](", "![a](", "*a ", "_a_", "~~a", "`", "\\*", "a.", "a.b", "M. A", ".)", "5 ", "«",
    "1 000 ", "80 personnes ", "entre 5 et ", "plus de ", "# ", "> ", "- - ", "par a le ", "a ",
    "\u00a0", "\n", "# a\n", "- a\n", "a\n\n", "a\n---\n", "voir aussi\n\n", "22 mai 2025\n",
    "voir aussi\n\na.\n",
)  # fmt: skip


@pytest.mark.parametrize("silly", SILLY)
def test_no_text_takes_long(silly: str) -> None:
    text = f"Un titre\n\n{silly * (50_000 // len(silly))}\n\n{BODY}"
    started = time.perf_counter()
    article.read(text)
    assert time.perf_counter() - started < 5
