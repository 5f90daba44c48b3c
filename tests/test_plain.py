import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import plain


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("  Petit\tdéjeuner \n du  Delta ", "Petit déjeuner du Delta"),
        ("a\u202egauche\u202c", "agauche"),
        ("nul\u0000 et \u0007cloche", "nul et cloche"),
        ("sans\u200blargeur\ufeff", "sanslargeur"),
        ("👩\u200d👩\u200d👧", "👩\u200d👩\u200d👧"),
        ("cafe\u0301", "café"),
        ("10\u00a0h\u202f30", "10 h 30"),
        ("\u2066\u2069\u200f", ""),
    ],
)
def test_a_line_keeps_the_words_and_drops_what_disturbs(written: str, kept: str) -> None:
    assert plain.line(written) == kept


def test_a_clean_text_keeps_its_lines() -> None:
    assert plain.clean("un\r\ndeux\n\n\ttrois\u0000") == "un\ndeux\n\n\ttrois"


@given(st.text())
def test_a_line_is_one_line_and_cleaning_twice_changes_nothing(text: str) -> None:
    line = plain.line(text)
    assert len(line.splitlines()) <= 1
    assert plain.line(line) == line
    assert plain.clean(plain.clean(text)) == plain.clean(text)


@given(st.text())
def test_nothing_turns_the_direction_of_what_follows(text: str) -> None:
    turning = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}
    assert not {unicodedata.bidirectional(character) for character in plain.clean(text)} & turning


@pytest.mark.parametrize(
    ("text", "most", "kept"),
    [
        ("court", 5, "court"),
        ("une phrase entière", 12, "une phrase…"),
        ("anticonstitutionnellement", 10, "anticonst…"),
        ("un mot-beaucoup-trop-long", 12, "un mot-beau…"),
        ("", 3, ""),
    ],
)
def test_a_cut_ends_at_a_word_where_there_is_one(text: str, most: int, kept: str) -> None:
    assert plain.cut(text, most) == kept


@given(st.text(), st.integers(1, 50))
def test_a_cut_is_never_too_long_and_whole_if_it_fits(text: str, most: int) -> None:
    kept = plain.cut(text, most)
    assert len(kept) <= most
    assert (kept == text) == (len(text) <= most) or text.endswith("…")
