import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.search import words


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("L’IA d'abord", ["ia", "abord"]),
        ("jusqu’à l'aube, lorsqu’elle vient", ["a", "aube", "elle", "vient"]),
        ("A.R.T.S. #2", ["arts", "2"]),
        ("l’A.R.T.S", ["arts"]),
        ("ARTS", ["arts"]),
        ("post-production", ["post", "production"]),
        ("post‑production", ["post", "production"]),
        ("Une ŒUVRE d’Æthelred", ["une", "oeuvre", "aethelred"]),
        ("RÉGION\u00a0SUD\u202f!", ["region", "sud"]),
        ("e\u0301cole", ["ecole"]),
        ("fi\u00adnan\u200bceurs", ["financeurs"]),
        ("8mm et 8 mm", ["8", "mm", "et", "8", "mm"]),
        ("The CNC’s grants don't", ["the", "cnc", "grants", "don"]),
        ("a\x00b 😀 «\u00a0» ***", ["a", "b"]),
        ("", []),
    ],
)
def test_a_text_is_read_as_these_words(text: str, read: list[str]) -> None:
    assert words.words(text) == read


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("financements", "financement"),
        ("techniciens", "technicienne"),
        ("générée", "generees"),
        ("régionales", "regional"),
        ("ŒUVRES", "oeuvre"),
    ],
)
def test_forms_of_a_french_word_share_a_stem(written: str, meant: str) -> None:
    stems = {words.stem(word, "fr") for word in words.words(f"{written} {meant}")}
    assert len(stems) == 1


def test_each_language_has_its_stems() -> None:
    assert words.stem("funding", "en") == words.stem("funded", "en")
    assert words.stem("funding", "fr") != words.stem("funded", "fr")
    assert words.stem("funding", "de") == "funding"


@pytest.mark.parametrize(
    ("question", "left"),
    [
        ("Que pensent-ils de l'IA ?", ["ia"]),
        ("Qui est Léa Sellam ?", ["lea", "sellam"]),
        ("Combien de personnes au cocktail ?", ["cocktail"]),
        ("ingénieur du son", ["ingenieur", "son"]),
        ("où ?", []),
    ],
)
def test_question_words_are_left_out(question: str, left: list[str]) -> None:
    assert words.content(question, "fr") == left


@pytest.mark.parametrize(
    ("question", "language"),
    [
        ("What do they think of AI?", "en"),
        ("Que disent les diffuseurs ?", "fr"),
        ("CNC", "fr"),
    ],
)
def test_a_question_tells_its_language(question: str, language: str) -> None:
    assert words.language_of(question, otherwise="fr") == language


def test_a_question_that_does_not_tell_has_the_language_of_who_asks() -> None:
    assert words.language_of("CNC", otherwise="en") == "en"
    assert words.content("AI", "en") == words.content("AI", "fr") == ["ai"]


@given(st.text())
def test_words_are_always_folded_and_read_again_as_themselves(text: str) -> None:
    for word in words.words(text):
        assert word.isalnum()
        assert words.words(word) == [word]
