"""What is written into a calendar, read back by a program that did not write it."""

import io
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from dateutil.tz import tzical
from hypothesis import example, given
from hypothesis import strategies as st
from ical.event import Event

from bot import plain
from bot.events import ics
from bot.events.ics import Entry, Status
from tests.calendars import NOWHERE, instant, read, renamed

PARIS = ZoneInfo("Europe/Paris")
MADE = datetime(2026, 1, 1, tzinfo=UTC)
DINNER = Entry(
    uid="event-7-1@tableronde",
    sequence=0,
    status=Status.CONFIRMED,
    title="Petit-déjeuner",
    start=datetime(2026, 1, 15, 17, 30, tzinfo=UTC),
    end=datetime(2026, 1, 15, 19, 0, tzinfo=UTC),
    zone="Europe/Paris",
    created=MADE,
    updated=MADE,
)


def read_one(entry: Entry) -> Event:
    (event,) = read(ics.file(entry)).events
    return event


# When.

# Around the changes of 29 March and 25 October: the hour that is left out, and the one that comes
# twice, both times.
CHANGES = [
    datetime(2026, month, day, hour, minute, tzinfo=UTC)
    for month, day in ((3, 29), (10, 25))
    for hour in range(4)
    for minute in (0, 30)
]


@pytest.mark.parametrize("moment", CHANGES)
def test_a_moment_stays_itself_when_the_clocks_change(moment: datetime) -> None:
    event = read_one(replace(DINNER, start=moment - timedelta(days=1), end=moment))
    assert instant(event.dtstart) == moment - timedelta(days=1)
    assert instant(event.dtend) == moment
    event = read_one(replace(DINNER, start=moment, end=moment + timedelta(days=1)))
    assert instant(event.dtstart) == moment
    assert instant(event.dtend) == moment + timedelta(days=1)


@given(
    st.datetimes(datetime(2025, 1, 1), datetime(2037, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001 # Hypothesis wants them so
    st.timedeltas(timedelta(minutes=1), timedelta(days=3)),
)
def test_any_moment_stays_itself(moment: datetime, lasts: timedelta) -> None:
    start, end = moment.replace(microsecond=0), (moment + lasts).replace(microsecond=0)
    event = read_one(replace(DINNER, start=start, end=end))
    assert (instant(event.dtstart), instant(event.dtend)) == (start, end)


def test_times_are_those_of_the_local_clock() -> None:
    summer = datetime(2026, 6, 15, 18, 30, tzinfo=PARIS)
    content = ics.file(replace(DINNER, start=summer, end=None)).decode()
    assert "DTSTART;TZID=Europe/Paris:20260615T183000\r\n" in content


def test_the_zone_of_the_calendar_says_what_the_zone_says() -> None:
    zone = tzical(io.StringIO(renamed(ics.file(DINNER)))).get(NOWHERE)
    hours = (datetime(2026, 1, 1, 12, tzinfo=PARIS) + timedelta(days=d) for d in range(730))
    for hour in hours:
        assert hour.replace(tzinfo=zone).utcoffset() == hour.utcoffset(), hour


def test_the_zone_of_the_calendar_is_read_and_not_guessed() -> None:
    told_otherwise = ics.file(DINNER).replace(b"TZOFFSETTO:+0100", b"TZOFFSETTO:+0500")
    (event,) = read(told_otherwise).events
    assert instant(event.dtstart) == DINNER.start - timedelta(hours=4)


@pytest.mark.parametrize("zone", ["America/Montreal", "Asia/Kolkata", "Indian/Reunion", "UTC"])
def test_other_zones_are_told_too(zone: str) -> None:
    calendar = read(ics.feed("Ailleurs", "Europe/Paris", [replace(DINNER, zone=zone), DINNER]))
    assert [instant(event.dtstart) for event in calendar.events] == [DINNER.start] * 2
    told = {timezone.tz_id for timezone in calendar.timezones}
    assert told | {"UTC"} == {NOWHERE, zone, "UTC"}


@pytest.mark.parametrize("end", [None, DINNER.start, DINNER.start - timedelta(hours=1)])
def test_without_an_end_there_is_none(end: datetime | None) -> None:
    event = read_one(replace(DINNER, end=end))
    assert instant(event.dtstart) == DINNER.start
    assert event.dtend is None
    assert event.duration is None


# What.


def test_a_change_replaces_what_was_there() -> None:
    later = MADE + timedelta(days=1)
    before, after = read_one(DINNER), read_one(replace(DINNER, sequence=1, updated=later))
    assert after.uid == before.uid == DINNER.uid
    assert (before.sequence, after.sequence) == (0, 1)
    assert before.created == after.created == MADE
    assert (before.last_modified, after.last_modified) == (MADE, later)
    assert (before.dtstamp, after.dtstamp) == (MADE, later)


@pytest.mark.parametrize("status", Status)
def test_the_status_is_told_and_nothing_is_left_out_for_it(status: Status) -> None:
    event = read_one(replace(DINNER, status=status))
    assert event.status is not None
    assert event.status.value == status
    assert instant(event.dtstart) == DINNER.start


def test_alarms_say_what_is_about_to_begin() -> None:
    before = (timedelta(days=1), timedelta(minutes=90))
    alarms = read_one(replace(DINNER, alarms=before)).alarm
    assert [alarm.trigger for alarm in alarms] == [-timedelta(days=1), -timedelta(minutes=90)]
    assert {(alarm.action, alarm.description) for alarm in alarms} == {("DISPLAY", DINNER.title)}


def test_the_card_is_linked() -> None:
    link = "https://discord.com/channels/1/2/3"
    assert read_one(replace(DINNER, url=link)).url == link


# The calendar as a whole.


def test_a_subscribed_calendar_has_a_name_and_asks_to_be_fetched_again() -> None:
    content = ics.feed("Les Tablées, Arles\u00a0; Nîmes", "Europe/Paris", [DINNER])
    calendar = read(content)
    assert calendar.name == ["Les Tablées, Arles\u00a0; Nîmes"]
    assert calendar.refresh_interval == ics.REFRESH
    assert b"\r\nREFRESH-INTERVAL;VALUE=DURATION:PT1H\r\n" in content
    extras = {extra.name: extra.value for extra in calendar.extras}
    assert "Arles" in extras["x-wr-calname"]
    assert extras["x-published-ttl"] == "PT1H"


def test_an_empty_calendar_is_one_all_the_same() -> None:
    calendar = read(ics.feed("Rien encore", "Europe/Paris", []))
    assert calendar.events == []
    assert [timezone.tz_id for timezone in calendar.timezones] == [NOWHERE]


def test_a_calendar_is_published_without_an_organiser() -> None:
    for content in (ics.file(DINNER), ics.feed("Tout", "Europe/Paris", [DINNER])):
        calendar = read(content)
        assert calendar.method is None
        assert calendar.prodid == ics.PRODID
        assert calendar.version == "2.0"


def test_the_same_events_give_the_same_bytes() -> None:
    entries = [replace(DINNER, zone=zone) for zone in ("Europe/Paris", "Asia/Kolkata")]
    assert ics.feed("Tout", "Europe/Paris", entries) == ics.feed("Tout", "Europe/Paris", entries)


# Text from people.


def arrives(text: str) -> str:
    """A text as it is to arrive; icalendar reads a line break in a backslash before an N."""
    return plain.clean(text).replace(r"\N", r"\ N")


TRYING = (
    'Été, oh\u00a0; "oui" : non\\n\\N\\\\',
    "BEGIN:VEVENT\r\nEND:VCALENDAR\n\rX",
    "👩‍👩‍👧‍👦🇫🇷" * 40,
    "\u2028\u2029\u0085\x1c\x0c",
    "\x00\u202e\ufeff",
    " \t ",
)


@given(st.text())
@example(TRYING[0])
@example(TRYING[1])
@example(TRYING[2])
@example(TRYING[3])
@example(TRYING[4])
@example(TRYING[5])
def test_any_text_arrives(text: str) -> None:
    event = read_one(replace(DINNER, title=text, place=text, description=text))
    line = " ".join(arrives(text).splitlines())
    assert (event.summary or "", event.location or "") == (line, line)
    assert (event.description or "") == arrives(text)


@given(st.text(min_size=50), st.text())
def test_no_line_is_longer_than_75_octets(text: str, name: str) -> None:
    entry = replace(DINNER, title=text, description=text, place=text, alarms=(timedelta(hours=2),))
    for content in (ics.file(entry), ics.feed(name, "Europe/Paris", [entry])):
        *lines, last = content.split(b"\r\n")
        assert last == b""
        assert max(len(line) for line in lines) <= 75
        assert not any(b"\n" in line or b"\r" in line or b"\0" in line for line in lines)
        assert "".join(line.decode() for line in lines), "no character is cut in two"


def test_ten_thousand_characters_arrive() -> None:
    text = "Une table ronde, deux verres\u00a0; trois idées. 🎬\n" * 220
    assert len(text) > 10_000
    assert read_one(replace(DINNER, description=text)).description == text
