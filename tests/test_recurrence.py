from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from dateutil.tz import datetime_exists
from hypothesis import given, settings
from hypothesis import strategies as st

from bot import moments, texts
from bot.errors import UserError
from bot.moments import Recurrence
from bot.moments.rhythm import Rhythm
from bot.moments.words import fold

PARIS = ZoneInfo("Europe/Paris")
NOW = datetime(2025, 12, 23, 10, tzinfo=PARIS)  # a Tuesday
YEAR = timedelta(days=366)
ZONES = ("Europe/Paris", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu")

# The machine may be busy.
unhurried = settings(deadline=None)

rhythms = st.one_of(
    st.builds(
        Rhythm,
        every=st.integers(1, 12),
        weekdays=st.sets(st.integers(0, 6), min_size=1, max_size=3).map(sorted).map(tuple),
    ),
    st.builds(
        Rhythm,
        every=st.integers(1, 12),
        weekdays=st.tuples(st.integers(0, 6)),
        ordinals=st.sampled_from([(1,), (2,), (3,), (4,), (5,), (-1,), (1, 3), (2, -1)]),
    ),
    st.builds(Rhythm, every=st.integers(1, 12), month_day=st.sampled_from([*range(1, 32), -1])),
)
clocks = st.builds(time, st.integers(0, 23), st.integers(0, 59))


@st.composite
def recurrences(draw: st.DrawFn) -> Recurrence:
    """What somebody could have written, at some time of the year."""
    zone = ZoneInfo(draw(st.sampled_from(ZONES)))
    now = (NOW + timedelta(days=draw(st.integers(0, 400)))).astimezone(zone)
    clock = draw(clocks)
    printed = f"{draw(rhythms).in_words('en')} at {clock:%H:%M}"
    return moments.recurring(printed, now=now, zone=zone)


def wall(moment: datetime) -> str:
    return moment.replace(tzinfo=None).isoformat(timespec="minutes")


def read(text: str, *, usual: str | None = None) -> str:
    """The rule and the first time, or the key of the refusal."""
    try:
        found = moments.recurring(text, now=NOW, zone=PARIS, usual=usual)
    except UserError as error:
        return error.key.removeprefix("moments.")
    return f"{found.rule.removeprefix('FREQ=')} {wall(found.start)}"


def times(rule: str, start: str, *, zone: str = "Europe/Paris", days: int = 366) -> Sequence[str]:
    """What comes back within so many days, on the zone's clock, with its offset."""
    recurrence = Recurrence(rule, datetime.fromisoformat(start), zone)
    first = recurrence.start.replace(tzinfo=ZoneInfo(zone))
    within = moments.occurrences(
        recurrence, after=first - timedelta(minutes=1), before=first + timedelta(days=days)
    )
    return [moment.isoformat(timespec="minutes") for moment in within]


# What is written, then the rule and its first time, on a Tuesday morning.
READ = """
chaque premier mardi à 9 h → MONTHLY;BYDAY=+1TU 2026-01-06T09:00
tous les premiers mardis du mois à 9h → MONTHLY;BYDAY=+1TU 2026-01-06T09:00
le premier mardi de chaque mois, 9h → MONTHLY;BYDAY=+1TU 2026-01-06T09:00
Tous les mois, le premier mardi à 9h → MONTHLY;BYDAY=+1TU 2026-01-06T09:00
chaque 1er mardi du mois à midi → MONTHLY;BYDAY=+1TU 2026-01-06T12:00
chaque deuxième mardi à 9h → MONTHLY;BYDAY=+2TU 2026-01-13T09:00
le 3e jeudi du mois à 18h30 → MONTHLY;BYDAY=+3TH 2026-01-15T18:30
le dernier vendredi du mois à 18h → MONTHLY;BYDAY=-1FR 2025-12-26T18:00
les premiers et troisièmes mardis du mois à 9h → MONTHLY;BYDAY=+1TU,+3TU 2026-01-06T09:00
le premier et le troisième mardi du mois à 9h → MONTHLY;BYDAY=+1TU,+3TU 2026-01-06T09:00
tous les jeudis à 18h30 → WEEKLY;BYDAY=TH 2025-12-25T18:30
chaque jeudi à 18 h 30 → WEEKLY;BYDAY=TH 2025-12-25T18:30
les jeudis, 18h30 → WEEKLY;BYDAY=TH 2025-12-25T18:30
toutes les semaines le jeudi à 18h30 → WEEKLY;BYDAY=TH 2025-12-25T18:30
chaque semaine, jeudi 18h30 → WEEKLY;BYDAY=TH 2025-12-25T18:30
18h30 tous les jeudis → WEEKLY;BYDAY=TH 2025-12-25T18:30
chaque jeudi soir à 8h → WEEKLY;BYDAY=TH 2025-12-25T20:00
tous les jeudis à partir de 18h → WEEKLY;BYDAY=TH 2025-12-25T18:00
tous les mardis à 9h → WEEKLY;BYDAY=TU 2025-12-30T09:00
tous les mardis à 11h → WEEKLY;BYDAY=TU 2025-12-23T11:00
tous les mardis et jeudis à 18h → WEEKLY;BYDAY=TU,TH 2025-12-23T18:00
un mardi sur deux à 19h → WEEKLY;INTERVAL=2;BYDAY=TU 2025-12-23T19:00
un lundi sur trois à 19h → WEEKLY;INTERVAL=3;BYDAY=MO 2025-12-29T19:00
toutes les deux semaines le mardi à 19h → WEEKLY;INTERVAL=2;BYDAY=TU 2025-12-23T19:00
une semaine sur deux le jeudi à 19h → WEEKLY;INTERVAL=2;BYDAY=TH 2025-12-25T19:00
tous les quinze jours, le jeudi à 19h → WEEKLY;INTERVAL=2;BYDAY=TH 2025-12-25T19:00
un mardi sur deux à 19h à partir du 13 janvier → WEEKLY;INTERVAL=2;BYDAY=TU 2026-01-13T19:00
un mardi sur deux à 19h à partir du 14 janvier → WEEKLY;INTERVAL=2;BYDAY=TU 2026-01-20T19:00
tous les jeudis à 18h dès le 5 mars 2026 → WEEKLY;BYDAY=TH 2026-03-05T18:00
tous les jeudis à 18h dès le 05/03/2026 → WEEKLY;BYDAY=TH 2026-03-05T18:00
every Thursday at 6pm starting the 5th of March → WEEKLY;BYDAY=TH 2026-03-05T18:00
le 15 de chaque mois à 9h → MONTHLY;BYMONTHDAY=15 2026-01-15T09:00
le 15 du mois à 9h → MONTHLY;BYMONTHDAY=15 2026-01-15T09:00
tous les 15 du mois à 9h → MONTHLY;BYMONTHDAY=15 2026-01-15T09:00
à 18 h 30 le 15 de chaque mois → MONTHLY;BYMONTHDAY=15 2026-01-15T18:30
le 1er de chaque mois à 9h → MONTHLY;BYMONTHDAY=1 2026-01-01T09:00
le dernier jour du mois à 18h → MONTHLY;BYMONTHDAY=-1 2025-12-31T18:00
tous les trois mois le premier lundi à 9h → MONTHLY;INTERVAL=3;BYDAY=+1MO 2026-01-05T09:00
un mois sur deux, le 15 à 9h → MONTHLY;INTERVAL=2;BYMONTHDAY=15 2026-01-15T09:00
every first Tuesday at 9am → MONTHLY;BYDAY=+1TU 2026-01-06T09:00
every Thursday 6:30pm → WEEKLY;BYDAY=TH 2025-12-25T18:30
Thursdays at 6.30 pm → WEEKLY;BYDAY=TH 2025-12-25T18:30
every Mon, Wed and Fri at 9am → WEEKLY;BYDAY=MO,WE,FR 2025-12-24T09:00
weekly on Thursday at 6:30pm → WEEKLY;BYDAY=TH 2025-12-25T18:30
every other Tuesday at 7pm → WEEKLY;INTERVAL=2;BYDAY=TU 2025-12-23T19:00
every two weeks on Tuesday at 7pm → WEEKLY;INTERVAL=2;BYDAY=TU 2025-12-23T19:00
fortnightly on Thursday at 6pm → WEEKLY;INTERVAL=2;BYDAY=TH 2025-12-25T18:00
last Friday of the month at 6pm → MONTHLY;BYDAY=-1FR 2025-12-26T18:00
the first Monday of every month at 9am → MONTHLY;BYDAY=+1MO 2026-01-05T09:00
every second Tuesday of the month at 7pm → MONTHLY;BYDAY=+2TU 2026-01-13T19:00
monthly on the 15th at 9am → MONTHLY;BYMONTHDAY=15 2026-01-15T09:00
on the last day of each month at 5pm → MONTHLY;BYMONTHDAY=-1 2025-12-31T17:00
every other month on the first Monday at noon → MONTHLY;INTERVAL=2;BYDAY=+1MO 2026-01-05T12:00
every 3 months on the 15th at noon → MONTHLY;INTERVAL=3;BYMONTHDAY=15 2026-01-15T12:00
"""


@pytest.mark.parametrize("row", READ.strip().splitlines(), ids=fold)
def test_what_comes_back_is_read_as_meant(row: str) -> None:
    text, expected = row.split(" → ")
    assert read(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "not_recurring"),
        ("souvent", "not_recurring"),
        ("mardi à 9h", "not_recurring"),
        ("mardi 6 janvier à 9h", "not_recurring"),
        ("tous les jours à 9h", "not_recurring"),
        ("toutes les semaines à 9h", "not_recurring"),
        ("tous les mois le mardi à 9h", "not_recurring"),
        ("toutes les semaines le premier mardi à 9h", "not_recurring"),
        ("tous les 0 mois le 15 à 9h", "not_recurring"),
        ("tous les 99 mois le 15 à 9h", "not_recurring"),
        ("chaque année le 15 janvier à 9h", "not_recurring"),
        ("tous les mardis sauf en août à 9h", "not_recurring"),
        ("tous les mardis 13 janvier à 9h", "not_recurring"),
        ("chaque mardi à 9h heure d’été", "not_recurring"),
        ("chaque jeudi à 24h", "not_recurring"),
        ("chaque mars à 9h", "not_recurring"),
        ("chaque mardi", "no_hour"),
        ("chaque premier mardi du mois", "no_hour"),
        ("chaque mardi de 9h à 11h", "recurring_end"),
        ("chaque mardi à 25h", "unreadable"),
        ("le 32 de chaque mois à 9h", "no_such_day"),
        ("le 0 de chaque mois à 9h", "no_such_day"),
        ("un mardi sur deux à 19h à partir du mardi 14 janvier", "weekday_mismatch"),
        ("every second Tuesday at 7pm", "second_or_other"),
        ("bla " * 100, "unreadable"),
    ],
    ids=fold,
)
def test_what_does_not_come_back_is_refused(text: str, expected: str) -> None:
    assert read(text) == expected


def test_a_refusal_names_what_was_not_understood() -> None:
    with pytest.raises(UserError) as caught:
        moments.recurring("tous les mardis à 9h, sauf en août", now=NOW, zone=PARIS)
    assert caught.value.values == {"words": "sauf en août"}


def test_the_usual_hour_fills_the_gap() -> None:
    assert read("chaque mardi", usual="18h30") == "WEEKLY;BYDAY=TU 2025-12-23T18:30"
    assert read("chaque mardi", usual="14h-18h") == "WEEKLY;BYDAY=TU 2025-12-23T14:00"
    assert read("chaque mardi à 9h", usual="14h-18h") == "WEEKLY;BYDAY=TU 2025-12-30T09:00"


@pytest.mark.parametrize(
    ("text", "french", "english"),
    [
        (
            "every first Tuesday 9am",
            "chaque premier mardi du mois à 9\u00a0h\u00a000, heure de Paris",
            "every first Tuesday of the month at 09:00, Paris time",
        ),
        (
            "tous les mardis et jeudis 18h30",
            "chaque mardi et jeudi à 18\u00a0h\u00a030, heure de Paris",
            "every Tuesday and Thursday at 18:30, Paris time",
        ),
        (
            "un mardi sur deux à 19h",
            (
                "toutes les 2 semaines, le mardi à 19\u00a0h\u00a000, "
                "à partir du mardi 23 décembre 2025, heure de Paris"
            ),
            "every 2 weeks on Tuesday at 19:00, starting Tuesday 23 December 2025, Paris time",
        ),
        (
            "le 1er de chaque mois à minuit",
            "le 1er de chaque mois à 0\u00a0h\u00a000, heure de Paris",
            "the 1st of every month at 00:00, Paris time",
        ),
        (
            "every 3 months on the last day at noon",
            (
                "tous les 3 mois, le dernier jour à 12\u00a0h\u00a000, "
                "à partir du mercredi 31 décembre 2025, heure de Paris"
            ),
            (
                "every 3 months on the last day at 12:00, "
                "starting Wednesday 31 December 2025, Paris time"
            ),
        ),
    ],
)
def test_what_comes_back_is_printed(text: str, french: str, english: str) -> None:
    recurrence = moments.recurring(text, now=NOW, zone=PARIS)
    assert moments.in_words(recurrence, "fr") == french
    assert moments.in_words(recurrence, "en") == english


@pytest.mark.parametrize("day", range(1, 32))
@pytest.mark.parametrize("language", texts.LANGUAGES)
def test_every_day_of_the_month_is_printed_and_read_back(day: int, language: str) -> None:
    recurrence = moments.recurring(f"le {day} de chaque mois à 9h", now=NOW, zone=PARIS)
    printed = moments.in_words(recurrence, language)
    assert moments.recurring(printed, now=NOW, zone=PARIS) == recurrence


# When it comes back.


def test_the_hour_stays_when_the_clocks_change() -> None:
    assert times("FREQ=WEEKLY;BYDAY=TU", "2026-03-24T09:00", days=8) == [
        "2026-03-24T09:00+01:00",
        "2026-03-31T09:00+02:00",
    ]
    assert times("FREQ=WEEKLY;BYDAY=TU", "2026-10-20T09:00", days=8) == [
        "2026-10-20T09:00+02:00",
        "2026-10-27T09:00+01:00",
    ]


def test_an_hour_that_does_not_exist_is_moved_forward_once() -> None:
    assert times("FREQ=WEEKLY;BYDAY=SU", "2026-03-22T02:30", days=15) == [
        "2026-03-22T02:30+01:00",
        "2026-03-29T03:30+02:00",
        "2026-04-05T02:30+02:00",
    ]
    gap = times("FREQ=MONTHLY;BYDAY=+1SU", "2026-10-04T02:15", zone="Australia/Lord_Howe", days=1)
    assert gap == ["2026-10-04T02:45+11:00"]  # clocks go forward by half an hour there


def test_an_hour_that_exists_twice_is_taken_the_first_time() -> None:
    assert times("FREQ=WEEKLY;BYDAY=SU", "2026-10-18T02:30", days=15) == [
        "2026-10-18T02:30+02:00",
        "2026-10-25T02:30+02:00",
        "2026-11-01T02:30+01:00",
    ]


def test_months_without_that_day_are_left_out() -> None:
    found = times("FREQ=MONTHLY;BYMONTHDAY=31", "2026-01-31T09:00", days=200)
    assert [day[:10] for day in found] == ["2026-01-31", "2026-03-31", "2026-05-31", "2026-07-31"]
    last = times("FREQ=MONTHLY;BYMONTHDAY=-1", "2026-01-31T09:00", days=60)
    assert [day[:10] for day in last] == ["2026-01-31", "2026-02-28", "2026-03-31"]


def test_every_other_week_counts_from_the_first_time() -> None:
    found = times("FREQ=WEEKLY;INTERVAL=2;BYDAY=TU", "2025-12-30T19:00", days=30)
    assert [day[:10] for day in found] == ["2025-12-30", "2026-01-13", "2026-01-27"]


def test_windows_that_meet_neither_lose_nor_repeat() -> None:
    recurrence = moments.recurring("chaque mardi à 9h", now=NOW, zone=PARIS)
    edge = datetime(2026, 1, 6, 9, tzinfo=PARIS)
    until = [*moments.occurrences(recurrence, after=NOW, before=edge)]
    since = [*moments.occurrences(recurrence, after=edge, before=edge + timedelta(weeks=1))]
    assert [wall(moment) for moment in until] == ["2025-12-30T09:00", "2026-01-06T09:00"]
    assert [wall(moment) for moment in since] == ["2026-01-13T09:00"]


@unhurried
@given(recurrences())
def test_the_hour_is_always_kept_and_nothing_comes_twice(recurrence: Recurrence) -> None:
    zone = ZoneInfo(recurrence.zone)
    after = recurrence.start.replace(tzinfo=zone).astimezone(UTC) - timedelta(days=1)
    found = [*moments.occurrences(recurrence, after=after, before=after + 2 * YEAR)]
    assert found
    for moment in found:
        meant = datetime.combine(moment.date(), recurrence.start.time(), zone)
        assert moment.tzinfo is zone
        assert datetime_exists(moment)
        assert moment.fold == 0
        assert moment.time() == meant.time() or not datetime_exists(meant)
    instants = [moment.timestamp() for moment in found]
    assert all(first < second for first, second in pairwise(instants))


@unhurried
@given(recurrences(), st.integers(1, 700), st.integers(1, 700))
def test_a_window_always_shows_what_the_whole_shows(
    recurrence: Recurrence, skipped: int, days: int
) -> None:
    begin = recurrence.start.replace(tzinfo=UTC) - timedelta(days=2)
    after, before = (begin + timedelta(days=skipped), begin + timedelta(days=skipped + days))
    whole = moments.occurrences(recurrence, after=begin, before=before)
    assert [*moments.occurrences(recurrence, after=after, before=before)] == [
        moment for moment in whole if moment > after
    ]


@unhurried
@given(recurrences(), st.sampled_from(texts.LANGUAGES))
def test_what_is_printed_is_always_read_back(recurrence: Recurrence, language: str) -> None:
    zone = ZoneInfo(recurrence.zone)
    now = recurrence.start.replace(tzinfo=zone)
    printed = moments.in_words(recurrence, language)
    assert moments.recurring(printed, now=now, zone=zone) == recurrence


@unhurried
@given(rhythms)
def test_a_rule_is_always_read_back(rhythm: Rhythm) -> None:
    assert Rhythm.of(rhythm.rule) == rhythm


WORDS = (
    *("chaque", "tous les", "le", "premier", "dernier", "mardi", "jeudis", "du mois", "à 9h"),
    *("every", "other", "second", "15", "sur deux", "un", "of the month", "à partir du", "mars"),
)


@unhurried
@given(st.lists(st.sampled_from(WORDS), max_size=7).map(" ".join) | st.text(max_size=60))
def test_any_text_comes_back_or_is_refused(text: str) -> None:
    try:
        recurrence = moments.recurring(text, now=NOW, zone=PARIS)
    except UserError as error:
        assert error.key.startswith("moments.")  # noqa: PT017 # either is right
        return
    assert any(moments.occurrences(recurrence, after=NOW - YEAR, before=NOW + 13 * YEAR))
