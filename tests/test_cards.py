"""What a card shows, and that it never shows more than Discord takes."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import discord
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot import plain, texts
from bot.events import programme, proposal
from bot.events.agenda import Table
from bot.events.ledger import Refusal
from bot.events.programme import Programme
from bot.events.rsvp import Outcome, Standing
from bot.events.seats import Roster, Said, seat
from bot.tables import Choice, EventStatus
from bot.texts import Voice
from cogs._answer_people import _blocks, _pages  # pyright: ignore[reportPrivateUsage]
from cogs._answer_words import told
from cogs._buttons import answer_buttons
from cogs._event_cards import event_card, fitted, size, within_limits
from tests.programmes import AFTERNOON, proposed, table

NOW = AFTERNOON - timedelta(days=14)
VOICES = texts.load()
VOICE = VOICES["fr"]
FAR = 2**63 - 1
# What escaping doubles, what Discord's clients count twice, what joins, what would format.
NASTY = (
    "*",
    "_",
    "`",
    "[x](y)",
    "👩‍👩‍👧",
    "🎬",
    "> ",
    "# ",
    "- ",
    "~~",
    "||",
    "@everyone",
    " ",
    "é",
    "\\",
)
FULL = seat([Said(1000 + n, Choice.YES, turn=n, guests=n % 2) for n in range(1, 261)], capacity=200)


def drawn(shown: Programme, now: datetime | None = NOW, voice: Voice = VOICE) -> discord.Embed:
    return event_card(shown, voice, now)


def text(embed: discord.Embed) -> str:
    said = [embed.author.name, embed.title, embed.description]
    said += [it for field in embed.fields for it in (field.name, field.value)]
    whole = "\n".join(it or "" for it in [*said, embed.footer.text])
    return whole.replace("\u00a0", " ").replace("\u202f", " ")


def announced(shown: Programme, **values: Any) -> Programme:
    given: dict[str, Any] = {"event_id": 1, "status": EventStatus.ANNOUNCED}
    return replace(shown, **(given | values))


def afternoon(**values: Any) -> Programme:
    """An event with all that can be said of one."""
    given = {
        "place": "Cinémathèque, Nice",
        "contact": "Mo, 06 00 00 00 00",
        "description": "Une après-midi de tables rondes.",
        "edition": 13,
    }
    parts = [
        table("IA et métiers", capacity=30, about="Avec Ada et Jo", deadline=timedelta(days=1)),
        table("Son", 1, place="Salle B", roles=(7, 8, 9, 10, 11), deadline=timedelta(days=1)),
        table("Réception", 3, needs_approval=True, deadline=timedelta(days=1)),
    ]
    return announced(programme.preview(proposed(parts, **(given | values))))


def with_roster(shown: Programme, roster: Roster) -> Programme:
    return replace(shown, parts=tuple(replace(part, roster=roster) for part in shown.parts))


def one(**values: Any) -> Programme:
    parts = (proposal.ProposedPart(**values.pop("part", {})),)
    return announced(programme.preview(proposed(parts, **values)))


def labels(shown: Programme, now: datetime | None = NOW) -> list[str]:
    rows = answer_buttons(shown, VOICE, now).to_components()
    return [item["label"] for row in rows for item in row["components"]]


def test_a_card_says_all_there_is_to_say_of_an_afternoon() -> None:
    embed = drawn(afternoon())
    said = text(embed)
    for it in (
        "Édition n° 13",
        "jeudi 15 janvier 2026 à 14 h 00, heure de Paris",
        "<t:1768482000:R> · jusqu’à <t:1768500000:t>",
        "📍 Cinémathèque, Nice",
        "Une après-midi de tables rondes.",
        "✉️ Contact : Mo, 06 00 00 00 00",
        "1️⃣ IA et métiers\n🕑 14 h 00 – 15 h 00\nAvec Ada et Jo\n⏰ Réponses jusqu’au <t:17683956",
        "2️⃣ Son\n🕑 15 h 00 – 16 h 00 · Salle B",
        "🔑 Réservé à <@&7>, <@&8>, <@&9> +2",
        "✋ Chaque inscription est validée",
        "numéro d’une table",
    ):
        assert it in said


def test_whom_to_ask_after_the_deadline_stands_beside_it() -> None:
    said = text(drawn(one(part={"deadline": timedelta(days=1)}, contact="Mo")))
    assert "⏰ Réponses jusqu’au <t:1768395600:f>\n✉️ Ensuite : Mo" in said


def test_the_preview_is_the_card() -> None:
    preview = programme.preview(proposed([table("IA"), table("Son", 1)]))
    assert drawn(preview, None).to_dict() == drawn(announced(preview), NOW).to_dict()


def test_what_holds_for_every_table_is_said_once() -> None:
    parts = [table(name, roles=(7,), needs_approval=True) for name in ("IA", "Son", "Image")]
    said = text(drawn(announced(programme.preview(proposed(parts)))))
    assert said.count("<@&7>") == 1
    assert said.count("validée") == 1


def test_a_full_card_counts_and_says_what_one_can_still_do() -> None:
    full = seat([Said(1, Choice.YES, turn=1)], capacity=1)
    assert "**Complet** : vous pouvez" in text(drawn(with_roster(one(), full)))
    said = text(drawn(with_roster(afternoon(), FULL)))
    assert "✅ Présents 200 / 200 · **complet** · ⏳ 190 en attente" in said


def test_a_seat_given_by_hand_does_not_make_a_card_full() -> None:
    roster = seat([Said(1, Choice.YES, turn=1, by_hand=True)], capacity=1)
    assert "omplet" not in text(drawn(with_roster(one(), roster)))


STATES: Mapping[str, tuple[dict[str, Any], datetime, str, list[str]]] = {
    "closed by an organiser": (
        {"status": EventStatus.CLOSED},
        NOW,
        "🔒 **Les réponses sont closes.**",
        ["Choisir mes tables", "Non"],
    ),
    "closed by its deadlines": ({}, AFTERNOON + timedelta(hours=3), "closes.**", ["Non"]),
    "cancelled": (
        {"status": EventStatus.CANCELLED, "reason": "Grève *des trains*"},
        NOW,
        "annulée.**\n> Grève \\*des trains\\*",
        [],
    ),
    "postponed": (
        {"status": EventStatus.POSTPONED, "reason": "Salle inondée"},
        NOW,
        "reportée.** La nouvelle date sera annoncée ici ; votre réponse est gardée.\n> Salle",
        ["Choisir mes tables", "Non"],
    ),
    "moved": (
        {"reason": "Salle inondée"},
        NOW,
        "📅 **La date a changé.**\n> Salle inondée",
        ["Je viens à tout", "Non"],
    ),
    "past": ({"status": EventStatus.PAST}, NOW, "a eu lieu", []),
    "over": ({}, AFTERNOON + timedelta(hours=5), "a eu lieu", []),
}


@pytest.mark.parametrize("state", STATES)
def test_a_card_says_first_what_became_of_the_event(state: str) -> None:
    values, now, sentence, there = STATES[state]
    shown = replace(afternoon(), **values)
    embed = drawn(shown, now)
    first = str(embed.description).replace("\u00a0", " ")
    assert sentence in first[: first.index("🗓️")]
    assert set(there) <= set(labels(shown, now))
    if state != "moved":
        assert "Je viens à tout" not in labels(shown, now)
        assert embed.footer.text is None
        assert "⏰" not in text(embed)
    if state in {"cancelled", "past", "over"}:
        assert labels(shown, now) == []


def test_a_cancelled_event_is_struck_and_its_date_with_it() -> None:
    embed = drawn(replace(afternoon(), status=EventStatus.CANCELLED))
    assert embed.title == "~~Rencontres Pro~~"
    assert "🗓️ ~~jeudi 15 janvier" in str(embed.description)
    assert ":R>" not in str(embed.description)


def test_one_table_that_is_closed_says_so_while_others_are_open() -> None:
    embed = drawn(afternoon(), AFTERNOON - timedelta(hours=23, minutes=30))
    closed = [field.name for field in embed.fields if "réponses closes" in str(field.value)]
    assert closed == ["1️⃣ IA et métiers"]


def test_the_buttons_of_one_part_and_of_several() -> None:
    who, calendar = "Qui vient\u00a0?", "Ajouter à mon agenda"
    assert labels(one()) == ["Je viens", "Peut-être", "Non", "Rappel", who, calendar]
    assert labels(one(part={"guests": 1}))[3] == "Amener quelqu’un"
    assert labels(afternoon())[:3] == ["Choisir mes tables", "Je viens à tout", "Non"]


# Discord's limits.


def longest(character: str, most: int) -> str:
    return (character * most)[:most]


def extreme(character: str) -> Programme:
    """As much of everything as an organiser can write."""
    title = longest(character, proposal.TITLE_LENGTH)
    place = longest(character, proposal.PLACE_LENGTH)
    parts = [
        table(
            title,
            n,
            about=longest(character, proposal.ABOUT_LENGTH),
            place=place,
            capacity=200,
            guests=5,
            needs_approval=n % 2 == 0,
            roles=tuple(FAR - n for n in range(25)),
            deadline=timedelta(days=n),
        )
        for n in range(proposal.MOST_PARTS)
    ]
    proposed_event = proposed(
        parts,
        title=title,
        place=place,
        contact=longest(character, proposal.CONTACT_LENGTH),
        description=longest(character, proposal.DESCRIPTION_LENGTH),
        edition=10**9,
    )
    shown = announced(programme.preview(proposed_event), reason=longest(character, 1000))
    return with_roster(shown, FULL)


@pytest.mark.parametrize("language", texts.LANGUAGES)
@pytest.mark.parametrize("character", NASTY)
def test_a_card_with_as_much_as_can_be_written_fits(character: str, language: str) -> None:
    shown = extreme(character)
    for status in EventStatus:
        embed = drawn(replace(shown, status=status), NOW, VOICES[language])
        assert within_limits(embed)
        assert len(embed.fields) == proposal.MOST_PARTS
        assert all(str(field.value).count("✅") == 1 for field in embed.fields)


def test_without_cutting_it_would_not_fit() -> None:
    shown = extreme("🎬")
    written = [shown.description, *(it for part in shown.parts for it in (part.title, part.about))]
    assert sum(size(it or "") for it in written) > 6000


def test_a_short_text_is_not_cut_for_a_long_one() -> None:
    shown = extreme("*")
    first, *others = shown.parts
    parts = (replace(first, title="Son", about="Avec Ada et Jo", place="Salle B"), *others)
    field = drawn(replace(shown, parts=parts)).fields[0]
    assert field.name == "1️⃣ Son"
    assert "Salle B" in str(field.value)
    assert "Avec Ada et Jo" in str(field.value)


def test_an_ordinary_card_is_not_cut_at_all() -> None:
    about = "Avec Ada Lovelace, réalisatrice, et Jo Martin, ingénieure du son. " * 4
    parts = [table(f"Table {n}", n, about=about, place="Salle B") for n in range(5)]
    shown = announced(programme.preview(proposed(parts, description="Un mot. " * 180)))
    assert "…" not in text(drawn(shown))


words = st.lists(st.sampled_from(NASTY) | st.text(max_size=20), max_size=80).map("".join)


@given(st.lists(words, min_size=4, max_size=40))
@settings(max_examples=60)
def test_a_card_always_fits(written: list[str]) -> None:
    shown = extreme("x")

    def said(n: int, most: int) -> str:
        return plain.clean(written[n % len(written)])[:most] or "x"

    parts = tuple(
        replace(
            part,
            title=said(3 * n, proposal.TITLE_LENGTH),
            about=said(3 * n + 1, proposal.ABOUT_LENGTH),
            place=said(3 * n + 2, proposal.PLACE_LENGTH),
        )
        for n, part in enumerate(shown.parts)
    )
    shown = replace(
        shown,
        parts=parts,
        title=said(1, proposal.TITLE_LENGTH),
        description=said(2, proposal.DESCRIPTION_LENGTH),
        place=said(3, proposal.PLACE_LENGTH),
    )
    assert within_limits(drawn(shown))


@given(words, st.integers(2, 300))
def test_a_cut_text_is_of_the_size_that_is_wanted(written: str, most: int) -> None:
    assert size(fitted(written, most)) <= most


def test_a_text_that_fits_stays_whole_and_one_that_does_not_ends_with_an_ellipsis() -> None:
    assert fitted("deux beaux mots", 15) == "deux beaux mots"
    assert fitted("deux beaux mots", 14) == "deux beaux…"
    assert fitted("****", 7) == r"\*\*…"
    assert fitted("👩‍👩‍👧👩‍👩‍👧", 12) == "👩‍👩‍👧👩…"


@pytest.mark.parametrize("refusal", [None, *Refusal])
@pytest.mark.parametrize("language", texts.LANGUAGES)
def test_what_is_said_of_ten_tables_fits_into_a_message(
    refusal: Refusal | None, language: str
) -> None:
    name = "*" * proposal.TITLE_LENGTH
    tables = [
        Table(
            part_id=n,
            title=name,
            start=AFTERNOON,
            end=None,
            closes_at=AFTERNOON,
            zone="Europe/Paris",
            has_hours=True,
            roles=tuple(FAR - n for n in range(25)),
            guests_allowed=5,
            needs_approval=True,
            contact="*" * proposal.CONTACT_LENGTH,
        )
        for n in range(proposal.MOST_PARTS)
    ]
    waiting = FULL.waiting[-1]
    standings = tuple(Standing(n, waiting, FULL, changed=False, refusal=refusal) for n in range(10))
    said = told(Outcome(1, waiting.user_id, standings), tables, VOICES[language])
    assert said.count("⏳") == proposal.MOST_PARTS
    assert size(said) <= 2000


def test_pages_of_everybody_fit_into_messages() -> None:
    shown = extreme("🎬")
    everybody = [said.user_id for said in FULL.seated]
    pages = [*_pages(_blocks(shown, everybody, VOICE))]
    assert all(size(page) <= 1900 for page in pages)
    assert sum(page.count("<@") for page in pages) == len(everybody) * proposal.MOST_PARTS
