import re
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.recaps import article
from bot.recaps.passages import LONGEST, passages
from bot.sentences import sentences

REAL = Path(__file__).parents[2] / "shared" / "data" / "retour-rencontres-arts-2.txt"

unhurried = settings(deadline=None)  # the machine may be busy

sentence = st.text("abcé ,", min_size=1, max_size=400).map("A{}.".format)
paragraph = st.lists(sentence, min_size=1, max_size=12).map(" ".join)
paragraphs = st.lists(paragraph, max_size=8)


def solid(text: str) -> str:
    return re.sub(r"\s", "", text)


def of_length(length: int) -> str:
    return "A" + "b" * (length - 2) + "."


@pytest.mark.parametrize(
    ("lengths", "expected"),
    [
        ([], []),
        ([300], [300]),
        ([500, 500, 500], [1504]),
        ([1000, 998], [2000]),
        ([1000, 999], [1000, 999]),
        ([600] * 6, [1804, 1804]),
        ([1900, 100, 1900], [1900, 100, 1900]),
        ([700] * 5, [1402, 1402, 700]),
    ],
)
def test_paragraphs_are_grouped_evenly_and_stay_whole(
    lengths: list[int], expected: list[int]
) -> None:
    found = passages([of_length(length) for length in lengths])
    assert [len(passage) for passage in found] == expected


def test_a_passage_joins_its_paragraphs_with_a_blank_line() -> None:
    assert passages(["Un.", "Deux."]) == ("Un.\n\nDeux.",)


def test_a_paragraph_that_is_too_long_is_cut_at_the_ends_of_sentences() -> None:
    told = " ".join([of_length(700)] * 6)
    assert [len(passage) for passage in passages([told])] == [1401, 1401, 1401]


def test_a_sentence_that_is_too_long_is_cut_between_words() -> None:
    first, second = passages(["mot " * 900])
    assert first.split() + second.split() == ["mot"] * 900


def test_sections_of_an_ordinary_recap_are_one_passage_each() -> None:
    if not REAL.exists():
        pytest.skip("the published recap is not beside this checkout")
    recap = article.read(REAL.read_text("utf-8"))
    assert [len(passages(section.paragraphs)) for section in recap.sections] == [1] * 5


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Il pleuvait. On a ri ! Vraiment ?", ["Il pleuvait.", "On a ri !", "Vraiment ?"]),
        ("« Venez. » On est venu.", ["« Venez. »", "On est venu."]),
        ("Selon M. Martin et A. Durand, p. 3, non.", None),
        ("L’A.R.T.S. Région Sud l’a dit.", None),
        ("Ils hésitent… puis ils viennent.", None),
        ("It rained. “Come in.” They did.", ["It rained.", "“Come in.”", "They did."]),
        ("En 2024. 80 personnes", ["En 2024.", "80 personnes"]),
        ("", []),
    ],
)
def test_sentences_end_where_a_reader_would_stop(text: str, expected: list[str] | None) -> None:
    assert list(sentences(text)) == ([text] if expected is None else expected)


@unhurried
@given(paragraphs)
def test_passages_hold_every_word_in_order_and_are_never_too_long(told: list[str]) -> None:
    found = passages(told)
    assert solid("".join(found)) == solid("".join(told))
    assert all(0 < len(passage) <= LONGEST for passage in found)


@unhurried
@given(paragraphs)
def test_a_paragraph_is_cut_only_if_it_is_too_long(told: list[str]) -> None:
    pieces = {piece for passage in passages(told) for piece in passage.split("\n\n")}
    assert all(paragraph in pieces for paragraph in told if len(paragraph) <= LONGEST)


@unhurried
@given(st.text(), paragraph)
def test_sentences_are_verbatim_and_lose_nothing(text: str, told: str) -> None:
    for source in (text, told):
        found = sentences(source)
        assert all(sentence in source for sentence in found)
        assert solid("".join(found)) == solid(source)


@unhurried
@given(st.lists(paragraph, min_size=2, max_size=6))
def test_short_neighbours_are_brought_together(told: list[str]) -> None:
    found = passages([text[:900] for text in told])
    assert all(len(above) + len(below) > LONGEST / 2 for above, below in pairwise(found))
