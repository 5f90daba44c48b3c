import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from dateutil.tz import datetime_ambiguous, datetime_exists
from hypothesis import given, settings
from hypothesis import strategies as st

from bot import moments, texts
from bot.errors import UserError
from bot.moments.printing import DayInWords, zone_name
from bot.moments.words import fold

PARIS = ZoneInfo("Europe/Paris")
NEW_YORK = ZoneInfo("America/New_York")
REUNION = ZoneInfo("Indian/Reunion")
NOW = datetime(2025, 12, 23, 10, tzinfo=PARIS)  # a Tuesday
EXAMPLES = Path(__file__).parents[2] / "shared" / "data" / "dates-fr.jsonl"


CHANGES = tuple(
    datetime(2026, month, day, hour, tzinfo=UTC)
    for month, day, hour in ((3, 29, 1), (10, 25, 1), (3, 8, 7), (11, 1, 6))
)
# As people write them.
FORMATS = (
    "{0.day} {french} {0:%Y} à {0.hour}h{0:%M}",
    "{weekday} {0.day} {french} {0:%Y}, {0.hour}\u202fh\u202f{0:%M}",
    "{0.hour} heures {0:%M}, le {0:%d/%m/%Y}",
    "{0:%d.%m.%Y} {0:%H:%M}",
    "{0:%Y-%m-%dT%H:%M}",
    "{english} {0.day}, {0:%Y} at {0:%I:%M} {half}",
    "{0:%I.%M}{half} on {0.day} {english} {0:%Y}",
)

# The machine may be busy.
unhurried = settings(deadline=None)
zones = st.sampled_from([PARIS, NEW_YORK, REUNION])


@st.composite
def instants(draw: st.DrawFn) -> datetime:
    """A minute to come in some zone, often close to where its clocks change."""
    zone = draw(zones)
    minutes = draw(st.integers(-180, 180) | st.integers(0, 60 * 24 * 365 * 70))
    return (draw(st.sampled_from(CHANGES)) + timedelta(minutes=minutes)).astimezone(zone)


def table(name: str) -> list[tuple[str, str]]:
    """Read what is written and what is expected of it; "~" stands for a narrow no-break space."""
    path = Path(__file__).parent / "samples" / f"moments.{name}.txt"
    lines = path.read_text(encoding="utf-8").replace("~", "\u202f").splitlines()
    rows = (line.rpartition(" → ") for line in lines if not line.startswith("#"))
    return [(text, expected) for text, _, expected in rows]


FRENCH, ENGLISH = table("french"), table("english")
READ = [text for text, expected in FRENCH + ENGLISH if expected[0].isdigit()]
REFUSED = [text for text, expected in FRENCH + ENGLISH if not expected[0].isdigit()]
WORDS = sorted({word for text, _ in FRENCH + ENGLISH for word in text.split()})
writings = st.text(max_size=80) | st.lists(st.sampled_from(WORDS), max_size=8).map(" ".join)


def outcome(text: str, *, now: datetime = NOW, zone: ZoneInfo = PARIS) -> str:
    """What `text` is read as, on the zone's clock, or the key of its refusal."""
    try:
        moment = moments.parse(text, now=now, zone=zone)
    except UserError as error:
        return error.key.removeprefix("moments.")
    times = [time.replace(tzinfo=None) for time in (moment.start, moment.end) if time]
    if not moment.has_time:
        return moment.start.date().isoformat()
    return "/".join(time.isoformat(timespec="minutes") for time in times)


def refusal(text: str, zone: ZoneInfo = PARIS) -> UserError:
    with pytest.raises(UserError) as caught:
        moments.parse(text, now=NOW, zone=zone)
    return caught.value


@pytest.mark.parametrize(("text", "expected"), FRENCH, ids=fold)
def test_french_is_read_as_meant(text: str, expected: str) -> None:
    assert outcome(text) == expected


@pytest.mark.parametrize(("text", "expected"), ENGLISH, ids=fold)
def test_english_is_read_as_meant(text: str, expected: str) -> None:
    assert outcome(text) == expected


@pytest.mark.skipif(not EXAMPLES.exists(), reason="the shared examples are not beside this project")
def test_shared_examples() -> None:
    refusals = {"nonexistent": ["no_such_hour"], "ambiguous": ["twice"]}
    refusals[""] = ["unreadable", "no_such_day", "weekday_mismatch"]
    for line in EXAMPLES.read_text(encoding="utf-8").splitlines():
        case = json.loads(line)
        expected = case["expect"] or ""
        now, zone = datetime.fromisoformat(case["now"]), ZoneInfo(case["zone"])
        assert outcome(case["text"], now=now, zone=zone) in refusals.get(expected, [expected]), line


@pytest.mark.parametrize("text", READ, ids=fold)
@pytest.mark.parametrize("more", ["peut-être", "maybe", "ou pas", "42"])
def test_nothing_is_read_around_a_word_that_was_not_understood(text: str, more: str) -> None:
    assert outcome(f"{text}, {more}") in {"unreadable", "no_such_day"}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("jeudi 15 janvier à 18h30, heure de New York", "heure de New York"),
        ("demain à 18h, à la Mairie", "à la Mairie"),
        ("Réunion demain 18h s’il vous plaît", "Réunion … s’il vous plaît"),
        ("15 janvier, 16 Février", "16 Février"),
        ("   ", ""),
        ("bla " * 100, "bla " * 14 + "bla…"),
        ("demain\x00\u202ebidule", "bidule"),
    ],
    ids=fold,
)
def test_a_refusal_names_what_was_not_understood(text: str, words: str) -> None:
    assert refusal(text).values == {"words": words}


@pytest.mark.parametrize("text", REFUSED, ids=fold)
@pytest.mark.parametrize("language", texts.LANGUAGES)
def test_every_refusal_is_a_sentence_in_every_language(text: str, language: str) -> None:
    error = refusal(text)
    assert len(texts.load()[language](error.key, **error.values)) > len(error.key)


def test_a_wrong_weekday_is_told_what_the_day_is() -> None:
    error = refusal("jeudi 16 janvier 2026 à 18h")
    assert error.values == {"written": "jeudi", "day": DayInWords(date(2026, 1, 16))}
    voices = texts.load()
    assert "vendredi 16 janvier 2026" in voices["fr"](error.key, **error.values)
    assert "Friday 16 January 2026" in voices["en"](error.key, **error.values)


@pytest.mark.parametrize(
    ("more", "offset"),
    [
        ("heure d’été", 2),
        ("heure d’hiver", 1),
        ("(heure d'hiver)", 1),
        ("summer time", 2),
        ("winter time", 1),
        ("+02:00", 2),
        ("+0100", 1),
        ("UTC+02:00", 2),
        ("(UTC+1)", 1),
    ],
)
def test_an_hour_that_comes_twice_is_read_once_it_says_which(more: str, offset: int) -> None:
    moment = moments.parse(f"25/10/2026 02:30 {more}", now=NOW, zone=PARIS)
    assert moment.start.replace(tzinfo=None) == datetime(2026, 10, 25, 2, 30)  # noqa: DTZ001 # wall
    assert moment.start.utcoffset() == timedelta(hours=offset)


@pytest.mark.parametrize(
    ("text", "zone", "expected"),
    [
        ("8 March 2026 2:30 am", NEW_YORK, "no_such_hour"),
        ("1 November 2026 1:30 am", NEW_YORK, "twice"),
        ("1 November 2026 1:30 am UTC-05:00", NEW_YORK, "2026-11-01T01:30"),
        ("1 November 2026 from 12:30 am to 3 am", NEW_YORK, "2026-11-01T00:30/2026-11-01T03:00"),
        ("29/03/2026 02:30", NEW_YORK, "2026-03-29T02:30"),
        ("29/03/2026 02:30", REUNION, "2026-03-29T02:30"),
        ("25/10/2026 02:30", REUNION, "2026-10-25T02:30"),
        ("25/10/2026 02:30 heure d’été", REUNION, "unreadable"),
        ("15 janvier 18h, heure de La Réunion", REUNION, "2026-01-15T18:00"),
        ("15 janvier 18h, heure de Paris", REUNION, "unreadable"),
        ("15 janvier 18h, heure d’Athènes", ZoneInfo("Europe/Athens"), "2026-01-15T18:00"),
    ],
)
def test_clocks_are_those_of_the_zone(text: str, zone: ZoneInfo, expected: str) -> None:
    assert outcome(text, zone=zone) == expected


def test_an_hour_that_comes_twice_says_how_to_write_it() -> None:
    values = {"hour": "01:30", "summer": "UTC-04:00", "winter": "UTC-05:00"}
    assert refusal("1 November 2026 1:30 am", NEW_YORK).values == values


def test_today_is_the_day_in_the_zone() -> None:
    late = datetime(2025, 12, 23, 22, tzinfo=UTC)
    assert outcome("demain 14h", now=late, zone=PARIS) == "2025-12-24T14:00"
    assert outcome("demain 14h", now=late, zone=REUNION) == "2025-12-25T14:00"


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("23 décembre 2025", date(2025, 12, 23)),
        ("mardi 23 décembre 2025", date(2025, 12, 23)),
        ("le 1er février 2024", date(2024, 2, 1)),
        ("December 23, 2025", date(2025, 12, 23)),
        ("23/12/2025", date(2025, 12, 23)),
        ("23/12/25 à 10h12", date(2025, 12, 23)),
        ("2025-12-23T10:12:00+01:00", date(2025, 12, 23)),
        ("23 décembre", None),
        ("lundi 23 décembre 2025", None),
        ("31 février 2025", None),
        ("demain", None),
        ("par Claire Martin", None),
        ("23 décembre 2025 par Claire", None),
        ("", None),
    ],
)
def test_a_published_day_has_its_year_and_nothing_else(text: str, day: date | None) -> None:
    assert moments.published(text) == day


def test_a_moment_is_printed_in_full() -> None:
    moment = datetime(2026, 1, 15, 17, 30, tzinfo=UTC)
    french = "jeudi 15 janvier 2026 à 18\u00a0h\u00a030, heure de Paris"
    assert moments.full(moment, zone=PARIS, locale="fr") == french
    english = "Thursday 15 January 2026 at 18:30, Paris time"
    assert moments.full(moment, zone=PARIS, locale="en") == english


def test_the_first_of_a_month_is_1er_in_french() -> None:
    day = date(2026, 2, 1)
    assert (moments.short(day, "fr"), moments.short(day, "en")) == (
        "1er février 2026",
        "1 February 2026",
    )
    assert moments.long(day, "fr") == "dimanche 1er février 2026"
    assert moments.full(datetime(2026, 2, 1, 14, tzinfo=PARIS), zone=PARIS, locale="fr") == (
        "dimanche 1er février 2026 à 14\u00a0h\u00a000, heure de Paris"
    )


@pytest.mark.parametrize(
    ("key", "french", "english"),
    [
        ("Africa/Cairo", "heure du Caire", "Cairo time"),
        ("Europe/Athens", "heure d’Athènes", "Athens time"),
        ("Indian/Reunion", "heure de La Réunion", "Réunion time"),
        ("UTC", "heure UTC", "UTC time"),
    ],
)
def test_a_zone_is_named_by_its_city(key: str, french: str, english: str) -> None:
    assert (zone_name(ZoneInfo(key), "fr"), zone_name(ZoneInfo(key), "en")) == (french, english)


def test_a_stamp_is_for_discord_to_show() -> None:
    moment = datetime(2026, 1, 15, 17, 30, tzinfo=UTC)
    assert moments.stamp(moment) == "<t:1768498200:F>"
    assert moments.stamp(moment, "R") == "<t:1768498200:R>"


@unhurried
@given(instants(), st.sampled_from(texts.LANGUAGES))
def test_what_is_printed_in_full_is_always_read_back(instant: datetime, language: str) -> None:
    zone = ZoneInfo(str(instant.tzinfo))
    printed = moments.full(instant, zone=zone, locale=language)
    assert moments.parse(printed, now=NOW, zone=zone).start.timestamp() == instant.timestamp()


@unhurried
@given(instants(), st.sampled_from(FORMATS))
def test_what_people_write_is_always_read_back(instant: datetime, form: str) -> None:
    zone = ZoneInfo(str(instant.tzinfo))
    french, english = (moments.short(instant, language).split()[1] for language in ("fr", "en"))
    written = form.format(
        instant,
        french=french,
        english=english,
        weekday=moments.long(instant, "fr").split()[0],
        half="am" if instant.hour < 12 else "pm",
    )
    if datetime_ambiguous(instant):
        assert refusal(written, zone).key == "moments.twice"
        written += f" {instant.isoformat()[-6:].replace('-', 'UTC-')}"
    assert moments.parse(written, now=NOW, zone=zone).start.timestamp() == instant.timestamp()


@unhurried
@given(writings, instants())
def test_any_text_is_read_as_a_moment_to_come_or_refused(text: str, now: datetime) -> None:
    zone = ZoneInfo(str(now.tzinfo))
    try:
        moment = moments.parse(text, now=now, zone=zone)
    except UserError as error:
        assert error.key.startswith("moments.")  # noqa: PT017 # either is right
        return
    assert moment.start.tzinfo is zone
    assert moment.end is None or moment.end.timestamp() > moment.start.timestamp()
    if moment.has_time:
        assert datetime_exists(moment.start)
        assert moment.start.timestamp() >= now.timestamp() - 60
    else:
        assert moment.start.date() >= now.date()


@unhurried
@given(writings)
def test_any_text_is_a_published_day_or_none(text: str) -> None:
    day = moments.published(text)
    assert day is None or moments.published(moments.long(day, "fr")) == day
