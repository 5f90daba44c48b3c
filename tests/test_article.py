import time
from datetime import date
from itertools import chain
from pathlib import Path

import pytest

from bot import texts
from bot.errors import UserError
from bot.recaps import article
from bot.recaps.article import Article
from bot.tables import Bound

ROOT = Path(__file__).parents[1]
SAMPLES = Path(__file__).with_name("samples")
REAL = ROOT.parent / "shared" / "data" / "retour-rencontres-arts-2.txt"
DEMO = sorted((ROOT / "bot" / "sample" / "recaps").glob("*.md"))

BODY = "Un paragraphe qui dit quelque chose de la journée."


def read(text: str) -> Article:
    return article.read(text)


def refused(text: str) -> str:
    with pytest.raises(UserError) as refusal:
        article.read(text)
    for voice in texts.load().values():
        assert voice(refusal.value.key, **refusal.value.values)
    return refusal.value.key


def below(text: str) -> Article:
    """Read a text that stands below a title."""
    return article.read(f"Un titre\n\n{text}")


def paragraphs(recap: Article) -> list[str]:
    return [*recap.lead, *chain.from_iterable(section.paragraphs for section in recap.sections)]


def headings(recap: Article) -> list[str]:
    return [section.heading for section in recap.sections]


@pytest.fixture(scope="module")
def real() -> Article:
    if not REAL.exists():
        pytest.skip("the published recap is not beside this checkout")
    return article.read(REAL.read_text("utf-8"))


def test_the_published_recap_keeps_its_title_byline_and_edition(real: Article) -> None:
    assert real.title.startswith("Retour sur les Rencontres Pro A.R.T.S. #2 : une ")
    assert real.title.endswith(" en Région Sud")
    assert (real.published, real.author) == (date(2025, 12, 23), "admin")
    assert (real.series, real.edition) == ("Rencontres Pro A.R.T.S.", 2)
    assert (real.language, real.link) == ("fr", None)


def test_the_published_recap_has_a_lead_and_five_sections(real: Article) -> None:
    assert [len(paragraph) > 100 for paragraph in real.lead] == [True, True, True]
    beginnings = (
        "Diffuseurs & plateformes : ",
        "Financeurs : ",
        "Intelligence artificielle : ",
        "Un temps de convivialité ",
        "Un rendez-vous ",
    )
    for heading, beginning in zip(headings(real), beginnings, strict=True):
        assert heading.startswith(beginning)
    assert [len(section.paragraphs) for section in real.sections] == [4, 4, 3, 1, 2]
    assert real.sections[-1].paragraphs[-1].endswith("prochaine édition.")


def test_the_published_recap_states_its_figures_as_lower_bounds(real: Article) -> None:
    found = [(figure.value, figure.bound, figure.section) for figure in real.figures]
    assert found == [
        (150, Bound.AT_LEAST, None),
        (200, Bound.AT_LEAST, None),
        (200, Bound.AT_LEAST, 3),
    ]
    hall, cocktail, again = real.figures
    assert (hall.what, cocktail.what[:25]) == (
        "professionnels en salle",
        "participants lors du cock",
    )
    assert hall.sentence == cocktail.sentence == real.lead[1]
    assert again.sentence in real.sections[3].paragraphs[0]


def test_what_stood_beside_the_published_recap_is_no_part_of_it(real: Article) -> None:
    first, second = real.related
    assert (first.published, first.author) == (date(2025, 12, 22), "admin")
    assert (second.published, second.author) == (date(2025, 12, 19), "admin")
    assert first.title.startswith("Célébrez la Saint-Sylvestre")
    assert second.title.startswith("Retour sur le petit-déjeuner")
    words = "\n".join(paragraphs(real) + headings(real))
    assert "manquer" not in words
    assert not any(item.title in words or item.excerpt[:40] in words for item in real.related)


def test_a_recap_of_the_same_shape_reads_the_same_way() -> None:
    recap = article.read(article.decode((SAMPLES / "retour-assises-5.txt").read_bytes()))
    assert (recap.published, recap.author) == (date(2025, 4, 1), "Maëlle Kerdoncuff")
    assert (recap.series, recap.edition) == ("Assises du Phare", 5)
    assert headings(recap) == [
        "Radios & podcasts : qui paie les voix ?",
        "Salles d’écoute : le confort avant la technique",
        "Un bal pour finir",
    ]
    assert [len(section.paragraphs) for section in recap.sections] == [5, 3, 2]
    assert recap.sections[0].paragraphs[2] == "une grille par minute diffusée ;"
    assert [(figure.value, figure.bound) for figure in recap.figures] == [
        (90, Bound.AT_LEAST),
        (140, Bound.ABOUT),
        (150, Bound.AT_MOST),
    ]
    assert [item.author for item in recap.related] == ["Maëlle Kerdoncuff", "Yann Tanguy"]


def test_pieces_joined_by_line_breaks_read_like_the_whole() -> None:
    text = (SAMPLES / "retour-assises-5.txt").read_text("utf-8")
    whole = article.read(text)
    pieces = text.split("\n\n")
    for at in range(1, len(pieces)):
        joined = "\n".join(("\n\n".join(pieces[:at]), "\n\n".join(pieces[at:])))
        assert article.read(joined) == whole
    assert article.read("\n".join(pieces)) == whole


def test_markdown_in_english_comes_out_as_plain_words() -> None:
    text = (SAMPLES / "media-breakfast-4.md").read_text("utf-8")
    recap = article.read(text, link="https://example.org/4")
    assert recap.title == "Recap: Media Breakfast #4 – paying for local news"
    assert (recap.published, recap.author) == (date(2024, 3, 14), "Ines O’Dowd")
    assert (recap.series, recap.edition, recap.language) == ("Media Breakfast", 4, "en")
    assert recap.link == "https://example.org/4"
    assert len(recap.lead) == 1
    assert recap.lead[0].startswith(
        "Over 60 people came to the Old Customs House before work, and up "
    )
    assert headings(recap) == ["Subscriptions: small towns, small print", "What next?"]
    assert recap.sections[0].paragraphs[1:] == (
        "1. Ask once a year.",
        "2. Say where the money went.",
    )
    assert recap.sections[1].paragraphs[0].endswith("*twice*.")
    assert [item.title for item in recap.related] == ["A tour of the printing works"]


@pytest.mark.parametrize("path", DEMO, ids=lambda path: path.stem)
def test_every_recap_of_the_demonstration_can_be_read(path: Path) -> None:
    recap = article.read(article.decode(path.read_bytes()))
    assert recap.published is not None
    assert recap.published.isoformat() == path.stem[:10]
    assert recap.author
    assert recap.series
    assert recap.edition == int(path.stem.rpartition("-")[2])
    assert recap.lead
    assert recap.sections
    assert all(section.paragraphs for section in recap.sections)
    assert not any("manquer" in words.lower()[:20] for words in headings(recap) + paragraphs(recap))


@pytest.mark.parametrize(
    ("byline", "published", "author"),
    [
        ("Publié le 23 décembre 2025 - Par admin", date(2025, 12, 23), "admin"),
        ("Publié le 14 mars 2024 par Zoé Le Goff", date(2024, 3, 14), "Zoé Le Goff"),
        ("Par Zoé Le Goff le 14 mars 2024", date(2024, 3, 14), "Zoé Le Goff"),
        ("Par Zoé Le Goff, le 1er février 2024 à 10 h 30", date(2024, 2, 1), "Zoé Le Goff"),
        ("Posted on March 14, 2024 by Zoe", date(2024, 3, 14), "Zoe"),
        ("By Zoe Gough | March 14, 2024 | 4 min read", date(2024, 3, 14), "Zoe Gough"),
        ("14/03/2024 - Zoé", date(2024, 3, 14), "Zoé"),
        ("**14 mars 2024**", date(2024, 3, 14), None),
        ("Publié le 32 décembre 2025 - Par admin", None, "admin"),
        ("Mis à jour le 14 mars 2024", None, None),
        ("Par admin", None, "admin"),
    ],
)
def test_a_byline_is_read_above_and_below_the_title(
    byline: str, published: date | None, author: str | None
) -> None:
    for text in (f"{byline}\n\nUn titre\n\n{BODY}", f"# Un titre\n{byline}\n\n{BODY}"):
        recap = read(text)
        assert (recap.title, recap.lead) == ("Un titre", (BODY,))
        assert (recap.published, recap.author) == (published, author)


@pytest.mark.parametrize(
    "line",
    [
        "Retour sur le petit-déjeuner du 15 décembre 2025 à Arles",
        "Le 14 mars 2024, la salle était comble",
        "Par amour du cinéma",
    ],
)
def test_a_title_that_tells_a_date_or_begins_like_a_byline_is_a_title(line: str) -> None:
    recap = read(f"{line}\n\n{BODY}")
    assert recap.title == line
    assert recap.published is None


@pytest.mark.parametrize(
    ("title", "series", "edition"),
    [
        ("Retour sur le Petit-déjeuner du Delta n° 3 : la radio", "Petit-déjeuner du Delta", 3),
        ("Retour sur l’Atelier des métiers #12", "Atelier des métiers", 12),
        ("Recap: Media Breakfast #4 – what we heard", "Media Breakfast", 4),
        ("Retour en images sur les Tablées, édition 7 : le vent", "Tablées", 7),
        ("Cinéma : retour sur les Rencontres A.R.T.S. nº2", "Rencontres A.R.T.S.", 2),
        ("#2 : le retour", None, 2),
        ("Retour sur le petit-déjeuner du 15 décembre au Mogador avec un invité", None, None),
        ("Retour sur les Rencontres Pro : une après-midi", None, None),
        ("Retour sur les Rencontres 2025", None, None),
    ],
)
def test_only_a_numbered_edition_names_a_series(
    title: str, series: str | None, edition: int | None
) -> None:
    recap = read(f"{title}\n\n{BODY}")
    assert (recap.series, recap.edition) == (series, edition)


def test_a_short_line_with_a_full_stop_stays_in_its_section() -> None:
    recap = below(
        f"{BODY}\n\nLe bal\n\n{BODY}\n\nÀ très bientôt.\n\nMerci à tous !\n\nPhotos : Zoé"
    )
    assert headings(recap) == ["Le bal"]
    assert recap.sections[0].paragraphs == (
        BODY,
        "À très bientôt.",
        "Merci à tous !",
        "Photos : Zoé",
    )


@pytest.mark.parametrize(
    "line",
    [
        "« On écoute avec le dos »",
        "© Zoé Le Goff",
        "Crédit photo : Zoé",
        "suite et fin",
        "Au programme :",
    ],
)
def test_quotations_captions_and_fragments_are_no_headings(line: str) -> None:
    recap = below(f"{BODY}\n\n{line}\n\n{BODY}")
    assert recap.lead == (BODY, line, BODY)


@pytest.mark.parametrize("mark", ["## {}", "## {} ##", "**{}**", "__{}__", "{}\n---"])
def test_marked_headings_are_the_only_headings(mark: str) -> None:
    recap = below(f"{BODY}\n\n{mark.format('Le bal')}\n\n{BODY}\n\nJeanne Martin\n\n{BODY}")
    assert headings(recap) == ["Le bal"]
    assert recap.sections[0].paragraphs == (BODY, "Jeanne Martin", BODY)


def test_a_title_may_be_marked_where_headings_are_not() -> None:
    recap = read(f"# Un titre\n\n{BODY}\n\nLe bal\n\n{BODY}")
    assert (recap.title, headings(recap)) == ("Un titre", ["Le bal"])


def test_a_recap_without_headings_is_all_lead() -> None:
    recap = below(f"{BODY}\n\n{BODY}")
    assert (recap.lead, recap.sections) == ((BODY, BODY), ())


def test_lines_wrapped_at_a_fixed_width_become_paragraphs_again() -> None:
    recap = below(
        "La salle était pleine bien avant l'heure, et les retardataires\n"
        "ont suivi depuis le couloir grâce à deux enceintes prêtées.\n\n"
        "Le bal\n"
        "La fanfare a joué jusqu'à minuit, puis elle a recommencé parce\n"
        "que personne ne partait."
    )
    assert [paragraph.count("\n") for paragraph in paragraphs(recap)] == [0, 0]
    assert headings(recap) == ["Le bal"]
    assert recap.lead[0].endswith(
        "retardataires ont suivi depuis le couloir grâce à deux enceintes prêtées."
    )


@pytest.mark.parametrize(
    ("marked", "words"),
    [
        ("Un **mot**, un *autre* et un ***dernier***.", "Un mot, un autre et un dernier."),
        ("Un _mot_ dans mon_fichier_ici.", "Un mot dans mon_fichier_ici."),
        ("**Un *mot* dans un autre** suit.", "Un mot dans un autre suit."),
        ("[Un lien](https://a.example/x_(y)) et `du code`.", "Un lien et du code."),
        ("Une image ![alt](a.png)et <https://a.example>.", "Une image et https://a.example."),
        (r"Des \*étoiles\* et 2 * 3 * 4.", "Des *étoiles* et 2 * 3 * 4."),
        ("> Une citation.", "Une citation."),
        ("• Un point.", "Un point."),
    ],
)  # fmt: skip
def test_marks_go_and_words_stay(marked: str, words: str) -> None:
    assert below(f"{BODY}\n\n{marked}").lead == (BODY, words)


def test_invisible_characters_go_and_no_break_spaces_stay() -> None:
    recap = read("\ufeffUn\u200b titre\u202e\r\n\r\nQui\u00a0: \ue000nous\u00ad, 👩\u200d💻 !\r\n")
    assert recap.title == "Un titre"
    assert recap.lead == ("Qui\u00a0: nous, 👩\u200d💻 !",)


@pytest.mark.parametrize(
    "block",
    [
        "À ne pas manquer\n\n22 mai 2025 - Par admin\n\nUn bal\n\nUn excerpt, puis...",
        "## Articles liés\n\n- [Un bal](https://a.example)",
        "**Don't miss:**\nUn bal\nMay 22, 2025\nUn excerpt, puis...",
        "Related articles\n22 mai 2025\nPar admin\nUn bal",
    ],
)
def test_related_items_are_cut_off(block: str) -> None:
    recap = below(f"{BODY}\n\n{block}")
    assert recap.lead == (BODY,)
    assert recap.sections == ()
    (item,) = recap.related
    assert item.title == "Un bal"
    assert item.published in {date(2025, 5, 22), None}


def test_a_section_of_that_name_stays_in_the_article() -> None:
    recap = below(f"{BODY}\n\nÀ ne pas manquer\n\nLa prochaine édition, le 12 juin 2026.")
    assert headings(recap) == ["À ne pas manquer"]
    assert recap.related == ()


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("", "article.empty"),
        (" \n\u200b\n***\n", "article.empty"),
        ("a\0b", "article.not_text"),
        ("Publié le 14 mars 2024", "article.no_title"),
        (f"{BODY}\n\n{BODY}", "article.no_title"),
        ("x" * 300, "article.no_title"),
        ("Un titre", "article.title_only"),
        ("# Un titre\n\n## Une partie", "article.title_only"),
        ("Un titre\n\nÀ ne pas manquer\n22 mai 2025\nUn bal", "article.title_only"),
    ],
)
def test_what_is_no_recap_is_refused_with_a_reason(text: str, key: str) -> None:
    assert refused(text) == key


@pytest.mark.parametrize("text", ["x" * 10_000_000, "\n" * 300_000, "# a\n" * 60_000])
def test_a_text_that_is_far_too_long_is_refused_at_once(text: str) -> None:
    started = time.perf_counter()
    assert refused(text) == "article.too_long"
    assert time.perf_counter() - started < 2


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_text_files_are_decoded(encoding: str) -> None:
    text = "Retour sur l’été : « 8 € »"
    assert article.decode(text.encode(encoding)) == text


@pytest.mark.parametrize("raw", [b"\x89PNG\r\n\x1a\n\0\0", b"\xff\xfea", b"\x81\x8d", b"a\0"])
def test_other_files_are_refused(raw: bytes) -> None:
    with pytest.raises(UserError, match=r"article\.not_text"):
        article.decode(raw)


def test_the_same_text_has_the_same_fingerprint() -> None:
    text = f"# Les Assises #2 : l’été\n\n{BODY}\n\n## Le bal\n\nOn a dansé… « tard » !"
    name = article.fingerprint(read(text))
    copies = [
        f"14 mars 2024 - Zoé\n\nLes Assises #2: l'été\n{BODY}\nLe bal\nOn a dansé... “tard” !",
        text.replace("\n\n", "\r\n \r\n").replace(" :", "\u00a0:"),
        text.replace("quelque chose", "quelque\nchose"),
        f"{text}\n\nÀ ne pas manquer\n14 mars 2024\nUn autre bal",
    ]
    assert [article.fingerprint(read(copy)) for copy in copies] == [name] * len(copies)
    assert article.fingerprint(read(text.replace("#2", "#3"))) != name
    assert article.fingerprint(read(text.replace("dansé", "chanté"))) != name
