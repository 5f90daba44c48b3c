import pytest

from bot.recaps import article


def figures(sentence: str) -> list[tuple[int, str, str]]:
    found = article.read(f"Un titre\n\n{sentence}").figures
    return [(figure.value, figure.bound, figure.what) for figure in found]


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("Plus de 150 personnes sont venues.", [(150, "at_least", "personnes")]),
        ("Plus d’une centaine d’invités étaient là.", [(100, "at_least", "invités")]),
        ("Pas moins de 1 200 spectateurs !", [(1200, "at_least", "spectateurs")]),
        ("Over 150 people came.", [(150, "at_least", "people")]),
        ("200+ attendees.", [(200, "at_least", "attendees")]),
        ("1,500 guests at least.", [(1500, "at_least", "guests")]),
        ("1\u202f500 invités ou plus.", [(1500, "at_least", "invités")]),
        ("Ils étaient 80 participants au moins.", [(80, "at_least", "participants")]),
        ("Une soixantaine de professionnels ont débattu.", [(60, "about", "professionnels")]),
        ("Près de 80 participant·es ont voté.", [(80, "about", "participant·es")]),
        ("Quelque 30 jeunes professionnels.", [(30, "about", "jeunes professionnels")]),
        ("Nearly 80 guests stayed.", [(80, "about", "guests")]),
        ("80 personnes environ ont suivi.", [(80, "about", "personnes")]),
        ("120 personnes étaient présentes.", [(120, "exactly", "personnes")]),
        ("Jusqu’à 40 inscrits par table.", [(40, "at_most", "inscrits")]),
        ("No more than 30 guests fit in.", [(30, "at_most", "guests")]),
        ("Pas plus de 30 invités ont parlé.", [(30, "at_most", "invités")]),
        ("Entre 80 et 100 invités.", [(80, "at_least", "invités"), (100, "at_most", "invités")]),
        ("20-30 people each time.", [(20, "at_least", "people"), (30, "at_most", "people")]),
        ("Environ 80 à 100 personnes.", [(80, "about", "personnes"), (100, "about", "personnes")]),
        ("150 films et 20 tables pour tous.", []),
        ("2,5 personnes par table, 12 % des participants.", []),
        ("On a compté 41 spectateurs en moyenne.", []),
        ("Une salle pouvant accueillir 300 personnes.", []),
        ("Des dizaines de personnes et plusieurs centaines de curieux.", []),
    ],
)  # fmt: skip
def test_figures_claim_what_the_words_say(
    sentence: str, expected: list[tuple[int, str, str]]
) -> None:
    assert figures(sentence) == expected


def test_a_figure_comes_with_its_sentence_and_its_place() -> None:
    recap = article.read(
        "Un titre\n\nIl pleuvait. Près de 80 personnes sont venues.\n\n## Le bal\n\nFin."
    )
    (figure,) = recap.figures
    assert figure.sentence == "Près de 80 personnes sont venues."
    assert figure.section is None
