"""Phrases as organisers write them on a phone: what is read, what is refused, and why."""

import re
from datetime import datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot import moments, texts
from bot.errors import UserError
from bot.moments.words import fold

PARIS = ZoneInfo("Europe/Paris")
NOW = datetime(2025, 12, 23, 10, tzinfo=PARIS)  # a Tuesday
EVENT = datetime(2026, 1, 15, 18, 30, tzinfo=PARIS)  # a Thursday

# What is written, then what is read or refused. "~" is U+00A0, "_" U+202F.
FRENCH = """
Jeudi 15 janvier 2026 à 18h30 → 2026-01-15T18:30
jeudi 15 janvier 2026 à 18~h~30 → 2026-01-15T18:30
jeudi 15 janvier 2026 à 18_h_30 → 2026-01-15T18:30
jeudi_15_janvier_2026~: 18~h~30 → 2026-01-15T18:30
JEUDI 15 JANVIER À 18H → 2026-01-15T18:00
le jeudi 15 janvier à partir de 18h → 2026-01-15T18:00
18h30 jeudi 15 janvier → 2026-01-15T18:30
18h30, le jeudi 15 janvier → 2026-01-15T18:30
ce jeudi 15 janvier 18h → 2026-01-15T18:00
jeu. 15 janv. 18h30 → 2026-01-15T18:30
jeu 15/01 18h30-21h00 → 2026-01-15T18:30/2026-01-15T21:00
sam. 17/01 – 20h → 2026-01-17T20:00
15.01.2026 18h → 2026-01-15T18:00
15 01 2026 → 2026-01-15
15 01 2026 18h → 2026-01-15T18:00
18h30 15 01 2026 → 2026-01-15T18:30
15-janv-2026 18h30 → 2026-01-15T18:30
15/01/26 de 18:30 à 21:00 → 2026-01-15T18:30/2026-01-15T21:00
15 janvier prochain à 18h → 2026-01-15T18:00
rdv jeudi 18h → 2025-12-25T18:00
RDV : jeudi 15 janvier à 18h30 → 2026-01-15T18:30
**jeudi 15 janvier** à 18h30 → 2026-01-15T18:30
📅 jeudi 15 janvier 🕕 18h30 → 2026-01-15T18:30
🗓️ 15/01/2026 18h30 → 2026-01-15T18:30
jeudi 15 janvier à 18h précises → 2026-01-15T18:00
demain 18h pile → 2025-12-24T18:00
demain à 18h30 heure locale → 2025-12-24T18:30
demain 18 : 30 → 2025-12-24T18:30
jeudi 15 janvier 18~: 30 → 2026-01-15T18:30
jeudi 18 : 30 → 2025-12-25T18:30
jeudi 15 : 18h30 → 2026-01-15T18:30
aujourd’hui même à 18h → 2025-12-23T18:00
aujourdhui 18h → 2025-12-23T18:00
le vingt janvier à 18h → 2026-01-20T18:00
vingt-et-un janvier 18h → 2026-01-21T18:00
le trente et un janvier à vingt heures trente → 2026-01-31T20:30
dix-huit heures trente demain → 2025-12-24T18:30
à dix-sept heures demain → 2025-12-24T17:00
ce vendredi → 2025-12-26
vendredi en huit → 2026-01-02
vendredi en 8 à 9h → 2026-01-02T09:00
vendredi en quinze à 9h → 2026-01-09T09:00
vendredi en 15 → 2026-01-09
dans deux semaines → 2026-01-06
dans deux semaines à 18h → 2026-01-06T18:00
la semaine prochaine jeudi 19h → 2026-01-01T19:00
la semaine prochaine, le jeudi à 19h → 2026-01-01T19:00
jeudi semaine prochaine 19h → 2026-01-01T19:00
dans 1h30 → 2025-12-23T11:30
dans une heure et demie → 2025-12-23T11:30
dans une demi-heure → 2025-12-23T10:30
dans 48h → 2025-12-25T10:00
dans quarante-huit heures → 2025-12-25T10:00
dans trente minutes → 2025-12-23T10:30
18h30-21h → 2025-12-23T18:30/2025-12-23T21:00
9h-12h → 2025-12-24T09:00/2025-12-24T12:00
14h à 16h jeudi 15 janvier → 2026-01-15T14:00/2026-01-15T16:00
mardi prochain de 14 h à 15 h 30 → 2025-12-30T14:00/2025-12-30T15:30
15 janvier 2026, 18~h~30 – 21~h~00 (heure de Paris) → 2026-01-15T18:30/2026-01-15T21:00
jeudi 15 janvier 18h30 → 21h → 2026-01-15T18:30/2026-01-15T21:00
jeudi 15 janvier 18h30 > 21h → 2026-01-15T18:30/2026-01-15T21:00
le jeudi 15 janvier à 18h30 et jusqu’à 21h → 2026-01-15T18:30/2026-01-15T21:00
midi-14h demain → 2025-12-24T12:00/2025-12-24T14:00
vendredi 9 janvier midi → 2026-01-09T12:00
vendredi soir 20h → 2025-12-26T20:00
ce soir 20h30 → 2025-12-23T20:30
ce soir 22h-1h → 2025-12-23T22:00/2025-12-24T01:00
du 15 janvier 18h au 16 janvier 2h → 2026-01-15T18:00/2026-01-16T02:00
du jeudi 15 janvier à 22h au vendredi 16 janvier à 2h → 2026-01-15T22:00/2026-01-16T02:00
de jeudi 22h à vendredi 2h → 2025-12-25T22:00/2025-12-26T02:00
mardi prochain 18h au mercredi 2h → 2025-12-30T18:00/2025-12-31T02:00
15/01 22h → 16/01 2h → 2026-01-15T22:00/2026-01-16T02:00
du 30 décembre 22h au 1er janvier 2h → 2025-12-30T22:00/2026-01-01T02:00
du 15/01/2027 22h au 16 janvier 2h → 2027-01-15T22:00/2027-01-16T02:00
demain 22h à après-demain 2h → 2025-12-24T22:00/2025-12-25T02:00
ce soir 22h jusqu’à demain 2h → 2025-12-23T22:00/2025-12-24T02:00
2026-01-15 18:30 - 2026-01-16 02:00 → 2026-01-15T18:30/2026-01-16T02:00
hier → past
hier à 18h → past
hier soir → past
avant-hier → past
il y a deux jours → past
il y a une semaine à 18h → past
22 décembre 2025 → past
aujourd’hui à 9h30 → past
mardi 15 janvier 18h → weekday_mismatch
samedi 16 janvier 2026 → weekday_mismatch
du vendredi 15 janvier 18h au 16 janvier 2h → weekday_mismatch
30 février → no_such_day
31 avril à 18h → no_such_day
du 15 février 18h au 30 février 2h → no_such_day
29/02/2027 → no_such_day
1/15/2026 → no_such_day
dimanche 29 mars 2026 à 2h30 → no_such_hour
29 mars 2h → no_such_hour
du 28 mars 2026 22h au 29 mars 2026 2h30 → no_such_hour
25 octobre 2026 2h30 → twice
dimanche 25 octobre 2026 de 2h à 4h → twice
demain 18h-18h → end_before_start
demain 14h à 13h30 → end_before_start
du 15/01/2027 22h au 14/01/2027 2h → end_before_start
du 16 janvier 18h au 15 janvier 2h → end_before_start
fin janvier → vague
fin janvier 2026 → vague
début février à 18h → vague
mi-mars → vague
courant mars → vague
ce week-end → vague
vers 18h → unreadable
vers la fin → unreadable
du 15 au 17 janvier → unreadable
du 15 janvier 18h au 17 janvier → unreadable
du 15 janvier 18h à 20h au 16 janvier 2h → unreadable
le mois prochain → unreadable
15 ou 16 janvier 18h → unreadable
demain 14h/15h30 → unreadable
demain à 1830 → unreadable
demain en fin de journée → unreadable
d’ici 3 jours → unreadable
Noël → unreadable
"""
ENGLISH = """
next Thursday 6.30 pm → 2025-12-25T18:30
next Thursday 6:30~p.m. → 2025-12-25T18:30
15/1 at 6:30pm → 2026-01-15T18:30
Jan 15th 2026 noon → 2026-01-15T12:00
Jan. 15, 2026, 6pm–8pm → 2026-01-15T18:00/2026-01-15T20:00
15-Jan-2026 18:30 → 2026-01-15T18:30
Thursday 15th January 18:30–21:00 → 2026-01-15T18:30/2026-01-15T21:00
Sat. Jan. 17 @ 7:30 PM – 9 PM → 2026-01-17T19:30/2026-01-17T21:00
Jan 15 from 6 to 8pm → 2026-01-15T18:00/2026-01-15T20:00
Fri 9 Jan 8PM → 2026-01-09T20:00
Friday night 9pm → 2025-12-26T21:00
noon tomorrow → 2025-12-24T12:00
midnight on Friday → 2025-12-26T00:00
noon to 2pm tomorrow → 2025-12-24T12:00/2025-12-24T14:00
from noon till midnight tomorrow → 2025-12-24T12:00/2025-12-25T00:00
7:30pm-9 tomorrow → 2025-12-24T19:30/2025-12-24T21:00
tomorrow 12:30 pm → 2025-12-24T12:30
tomorrow at 12:30am → 2025-12-24T00:30
tomorrow 6pm sharp → 2025-12-24T18:00
tomorrow at exactly 6pm → 2025-12-24T18:00
tomorrow 6pm local time → 2025-12-24T18:00
tomorrow at half past six pm → 2025-12-24T18:30
tomorrow at half past 6 in the evening → 2025-12-24T18:30
tomorrow at quarter to seven pm → 2025-12-24T18:45
tomorrow at a quarter past 6 pm → 2025-12-24T18:15
tomorrow at 6 o’clock in the evening → 2025-12-24T18:00
next week Thursday 7pm → 2026-01-01T19:00
next week on Thursday at 7pm → 2026-01-01T19:00
Thursday next week 7pm → 2026-01-01T19:00
in half an hour → 2025-12-23T10:30
in an hour and a half → 2025-12-23T11:30
in 90 minutes → 2025-12-23T11:30
in a fortnight at 6pm → 2026-01-06T18:00
tonight 8pm-11pm → 2025-12-23T20:00/2025-12-23T23:00
from 15 January 6pm to 16 January 2am → 2026-01-15T18:00/2026-01-16T02:00
from 15 January 6pm to 16 January 2am UTC → 2026-01-15T19:00/2026-01-16T03:00
Friday 10pm until Saturday 2am → 2025-12-26T22:00/2025-12-27T02:00
yesterday → past
yesterday at 6pm → past
the day before yesterday → past
3 days ago → past
a week ago → past
December 22, 2025 at 6pm → past
Wednesday 15 January 2026 → weekday_mismatch
30 February at 6pm → no_such_day
Jan 32 → no_such_day
March 29, 2026 2:30am → no_such_hour
October 25, 2026 2:30am → twice
tomorrow 8pm to 8pm → end_before_start
from 16 January 6pm to 15 January 2am → end_before_start
end of January → vague
mid-January → vague
early March → vague
late January at 6pm → vague
this weekend → vague
tomorrow at 6 o'clock → unreadable
tomorrow at half past six → unreadable
around 6pm tomorrow → unreadable
next month → unreadable
Jan 15 to 17 → unreadable
Tuesday week → unreadable
"""


def rows(table: str) -> list[tuple[str, str]]:
    written = table.replace("~", "\u00a0").replace("_", "\u202f").strip().splitlines()
    parted = (row.rpartition(" → ") for row in written)
    return [(text, expected.replace("\u202f", "_")) for text, _, expected in parted]


def wall(moment: moments.Moment) -> str:
    times = [time.replace(tzinfo=None) for time in (moment.start, moment.end) if time]
    if not moment.has_time:
        return moment.start.date().isoformat()
    return "/".join(time.isoformat(timespec="minutes") for time in times)


def parsed(text: str) -> str:
    try:
        return wall(moments.parse(text, now=NOW, zone=PARIS))
    except UserError as error:
        return error.key.removeprefix("moments.")


@pytest.mark.parametrize(("text", "expected"), rows(FRENCH), ids=fold)
def test_french_phrases(text: str, expected: str) -> None:
    assert parsed(text) == expected


@pytest.mark.parametrize(("text", "expected"), rows(ENGLISH), ids=fold)
def test_english_phrases(text: str, expected: str) -> None:
    assert parsed(text) == expected


# What a sentence proposes.


@pytest.mark.parametrize(
    ("language", "key"),
    [
        (language, f"moments.{key}")
        for language in texts.LANGUAGES
        for key in ("unreadable", "vague", "not_recurring", "recurring_end", "unreadable_span")
    ],
)
def test_what_a_refusal_proposes_is_understood(language: str, key: str) -> None:
    sentence = texts.load()[language](key, words="…")
    examples = {*re.findall(r"[«“]\s*([^»”]+?)\s*[»”]", sentence)} - {"…"}
    assert examples
    for example in examples:
        assert understood(key, example), example
        assert not re.search(r"\d{4}", example), "a year grows old"


def understood(key: str, example: str) -> object:
    if key == "moments.unreadable_span":
        return moments.span(example)
    if key in {"moments.not_recurring", "moments.recurring_end"}:
        return moments.recurring(example, now=NOW, zone=PARIS)
    return moments.parse(example, now=NOW, zone=PARIS)


# An hour on a day that is known.


def on_the_day(text: str, *, on: datetime = EVENT, now: datetime | None = None) -> str:
    try:
        return wall(moments.hours(text, on=on, zone=PARIS, now=now))
    except UserError as error:
        return error.key.removeprefix("moments.")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("14h", "2026-01-15T14:00"),
        ("à 14\u202fh", "2026-01-15T14:00"),
        ("14h-15h30", "2026-01-15T14:00/2026-01-15T15:30"),
        ("de 14h à 15h30", "2026-01-15T14:00/2026-01-15T15:30"),
        ("2pm to 3:30pm", "2026-01-15T14:00/2026-01-15T15:30"),
        ("2 to 3:30pm", "2026-01-15T14:00/2026-01-15T15:30"),
        ("midi", "2026-01-15T12:00"),
        ("22h-2h", "2026-01-15T22:00/2026-01-16T02:00"),
        ("9h", "2026-01-15T09:00"),
        ("le lendemain à 9h", "2026-01-16T09:00"),
        ("the next day at 9am", "2026-01-16T09:00"),
        ("la veille à 20h", "2026-01-14T20:00"),
        ("vendredi 10h", "2026-01-16T10:00"),
        ("jeudi 15 janvier 10h", "2026-01-15T10:00"),
        ("14 janvier 20h", "2026-01-14T20:00"),
        ("16/01/2026 de 9h à 12h", "2026-01-16T09:00/2026-01-16T12:00"),
        ("du 15 janvier 22h au 16 janvier 2h", "2026-01-15T22:00/2026-01-16T02:00"),
        ("vendredi 15 janvier 10h", "weekday_mismatch"),
        ("30 février 10h", "no_such_day"),
        ("16h-15h", "end_before_start"),
        ("25h", "unreadable"),
        ("14h dans la grande salle", "unreadable"),
        ("jeudi", "no_hour"),
        ("", "no_hour"),
    ],
)
def test_an_hour_is_read_on_the_day(text: str, expected: str) -> None:
    assert on_the_day(text) == expected


@pytest.mark.parametrize(
    ("day", "text", "expected"),
    [
        (datetime(2026, 3, 29, 18, tzinfo=PARIS), "2h30", "no_such_hour"),
        (datetime(2026, 10, 25, 18, tzinfo=PARIS), "2h30", "twice"),
        (datetime(2026, 10, 25, 18, tzinfo=PARIS), "2h30 heure d’hiver", "2026-10-25T02:30"),
        (datetime(2026, 3, 29, 18, tzinfo=PARIS), "14h", "2026-03-29T14:00"),
    ],
)
def test_the_clocks_of_that_day_count(day: datetime, text: str, expected: str) -> None:
    assert on_the_day(text, on=day) == expected


def test_an_hour_that_is_over_is_refused_where_now_is_told() -> None:
    assert on_the_day("9h", on=NOW) == "2025-12-23T09:00"
    assert on_the_day("9h", on=NOW, now=NOW) == "past"


@pytest.mark.parametrize(
    ("text", "usual", "expected"),
    [
        ("samedi prochain", "18h30", "2025-12-27T18:30"),
        ("15 janvier", "14h-18h", "2026-01-15T14:00/2026-01-15T18:00"),
        ("15 janvier 9h", "14h-18h", "2026-01-15T09:00"),
        ("aujourd’hui", "9h", "past"),
        ("29 mars 2026", "2h30", "no_such_hour"),
    ],
)
def test_a_date_without_time_gets_the_usual_one(text: str, usual: str, expected: str) -> None:
    moment = moments.parse(text, now=NOW, zone=PARIS)
    try:
        found = wall(moments.complete(moment, usual, now=NOW, zone=PARIS))
    except UserError as error:
        found = error.key.removeprefix("moments.")
    assert found == expected


@settings(deadline=None)
@given(st.integers(0, 23), st.integers(0, 59), st.integers(-3000, 3000))
def test_an_hour_is_always_that_of_the_day(hour: int, minute: int, days: int) -> None:
    day = (EVENT + timedelta(days=days)).replace(hour=12)
    try:
        moment = moments.hours(f"{hour}h{minute:02}", on=day, zone=PARIS)
    except UserError as error:
        assert error.key in {"moments.no_such_hour", "moments.twice"}  # noqa: PT017 # either is right
        return
    assert wall(moment) == f"{day:%Y-%m-%d}T{hour:02}:{minute:02}"


WORDS = sorted({word for text, _ in rows(FRENCH) + rows(ENGLISH) for word in text.split()})


@settings(deadline=None)
@given(st.lists(st.sampled_from(WORDS), max_size=9).map(" ".join))
def test_any_mixture_is_a_moment_or_refused(text: str) -> None:
    for reading in (
        partial(moments.parse, now=NOW, zone=PARIS),
        partial(moments.hours, on=EVENT, zone=PARIS),
    ):
        try:
            moment = reading(text)
        except UserError as error:
            assert error.key.startswith("moments.")  # noqa: PT017 # either is right
            continue
        assert moment.end is None or moment.end.timestamp() > moment.start.timestamp()
