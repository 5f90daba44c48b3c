from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot import moments, texts
from bot.errors import UserError

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)

lengths = st.integers(1, 366 * 24 * 60).map(lambda minutes: minutes * MINUTE)
languages = st.sampled_from(texts.LANGUAGES)


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("24 h", DAY),
        ("24h", DAY),
        ("24\u202fh", DAY),
        ("2 jours", 2 * DAY),
        ("2 j", 2 * DAY),
        ("2j", 2 * DAY),
        ("J-2", 2 * DAY),
        ("j-7", 7 * DAY),
        ("J – 7", 7 * DAY),
        ("J−30", 30 * DAY),
        ("H-2", 2 * HOUR),
        ("D-7", 7 * DAY),
        ("48 heures", 2 * DAY),
        ("quarante-huit heures", 2 * DAY),
        ("30 min", 30 * MINUTE),
        ("30 mn", 30 * MINUTE),
        ("trente minutes", 30 * MINUTE),
        ("1 h 30", 90 * MINUTE),
        ("1h30", 90 * MINUTE),
        ("1h30min", 90 * MINUTE),
        ("1 h 30 min", 90 * MINUTE),
        ("1 h 30 avant", 90 * MINUTE),
        ("1,5 h", 90 * MINUTE),
        ("1.5 hours", 90 * MINUTE),
        ("une heure et demie", 90 * MINUTE),
        ("un jour et demi", 36 * HOUR),
        ("une demi-heure", 30 * MINUTE),
        ("une semaine", 7 * DAY),
        ("deux semaines avant", 14 * DAY),
        ("un mois", 30 * DAY),
        ("15 jours", 15 * DAY),
        ("la veille", DAY),
        ("avant-veille", 2 * DAY),
        ("l’avant-veille", 2 * DAY),
        ("2 jours avant", 2 * DAY),
        ("2 jours avant le début", 2 * DAY),
        ("3 jours à l’avance", 3 * DAY),
        ("1 jour et 12 heures", 36 * HOUR),
        ("2 days", 2 * DAY),
        ("a week", 7 * DAY),
        ("a fortnight", 14 * DAY),
        ("1 day before", DAY),
        ("the day before", DAY),
        ("two hours before the event", 2 * HOUR),
        ("an hour and a half", 90 * MINUTE),
        ("half an hour", 30 * MINUTE),
        ("24 hours ahead", DAY),
        ("1 year", None),
        ("24", None),
        ("J", None),
        ("J-", None),
        ("J-0", None),
        ("0 min", None),
        ("", None),
        ("bientôt", None),
        ("demain", None),
        ("2 jours 3 jours", None),
        ("3 heures et 2 jours", None),
        ("2 jours 30", None),
        ("huit jours", None),
        ("quinze jours", None),
        ("2 jours après", None),
        ("-2 jours x", None),
        ("jour " * 100, None),
    ],
    ids=str,
)
def test_a_length_of_time_is_read(text: str, length: timedelta | None) -> None:
    if length:
        assert moments.span(text) == length
    else:
        with pytest.raises(UserError, match=r"moments\.unreadable_span"):
            moments.span(text)


@pytest.mark.parametrize("text", ["367 jours", "9999 semaines", "13 mois", "J-9999"])
def test_more_than_a_year_is_too_long(text: str) -> None:
    with pytest.raises(UserError, match=r"moments\.long_span"):
        moments.span(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("J-7, J-1, H-2", (7 * DAY, DAY, 2 * HOUR)),
        ("J-7 J-1 H-2", (7 * DAY, DAY, 2 * HOUR)),
        ("J-7;J-1;H-2", (7 * DAY, DAY, 2 * HOUR)),
        ("J-7\nJ-1", (7 * DAY, DAY)),
        ("J-7\u00a0et\u00a0J-1", (7 * DAY, DAY)),
        ("H-2, J-1, J-7", (7 * DAY, DAY, 2 * HOUR)),
        ("7 jours, 1 jour et 2 heures", (7 * DAY, DAY, 2 * HOUR)),
        ("7j, 1j, 2h", (7 * DAY, DAY, 2 * HOUR)),
        ("48, 24 et 2 h", (2 * DAY, DAY, 2 * HOUR)),
        ("une heure et demie et 2 jours", (2 * DAY, 90 * MINUTE)),
        ("1,5 h, 2 jours", (2 * DAY, 90 * MINUTE)),
        ("une semaine, la veille et 2 heures avant", (7 * DAY, DAY, 2 * HOUR)),
        ("1 week, 1 day and 2 hours before", (7 * DAY, DAY, 2 * HOUR)),
        ("D-7 and H-2", (7 * DAY, 2 * HOUR)),
        ("24 h, 1 jour, J-1", (DAY,)),
        ("J-1,", (DAY,)),
        ("2 jours", (2 * DAY,)),
        ("aucun", ()),
        ("Aucun rappel.", ()),
        ("none", ()),
        ("Non", ()),
    ],
    ids=str,
)
def test_several_are_read_longest_first_without_doubles(
    text: str, expected: tuple[timedelta, ...]
) -> None:
    assert moments.spans(text) == expected


@pytest.mark.parametrize(
    ("text", "words"), [("J-1, bidule", "bidule"), ("", ""), (",,", ",,"), ("48, 24", "24")]
)
def test_the_one_that_cannot_be_read_is_named(text: str, words: str) -> None:
    with pytest.raises(UserError) as caught:
        moments.spans(text)
    assert caught.value.key == "moments.unreadable_span"
    assert caught.value.values == {"words": words}


@pytest.mark.parametrize(
    ("length", "french", "english"),
    [
        (DAY, "1\u00a0jour", "1 day"),
        (7 * DAY, "7\u00a0jours", "7 days"),
        (90 * MINUTE, "1\u00a0heure 30 minutes", "1 hour 30 minutes"),
        (36 * HOUR, "1\u00a0jour 12\u00a0heures", "1 day 12 hours"),
    ],
)
def test_a_length_of_time_is_printed(length: timedelta, french: str, english: str) -> None:
    assert moments.span_in_words(length, "fr") == french
    assert moments.span_in_words(length, "en") == english


def test_a_countdown_is_short_where_it_can_be() -> None:
    cases = (7 * DAY, 2 * HOUR, 36 * HOUR, 30 * MINUTE)
    french = [moments.countdown(length, "fr") for length in cases]
    assert french == ["J-7", "H-2", "H-36", "30 minutes"]
    assert [moments.countdown(length, "en") for length in cases[:2]] == ["D-7", "H-2"]


@settings(deadline=None)
@given(lengths, languages)
def test_what_is_printed_is_always_read_back(length: timedelta, language: str) -> None:
    assert moments.span(moments.span_in_words(length, language)) == length
    assert moments.span(moments.countdown(length, language)) == length


@settings(deadline=None)
@given(st.sets(lengths, max_size=5), languages)
def test_a_field_filled_in_again_is_always_read_back(chosen: set[timedelta], language: str) -> None:
    field = ", ".join(moments.countdown(length, language) for length in chosen) or "aucun"
    assert moments.spans(field) == tuple(sorted(chosen, reverse=True))


@settings(deadline=None)
@given(st.text(max_size=60))
def test_any_text_is_a_length_of_time_or_refused(text: str) -> None:
    try:
        assert all(timedelta() < length <= 366 * DAY for length in moments.spans(text))
    except UserError as error:
        assert error.key in {"moments.unreadable_span", "moments.long_span"}  # noqa: PT017 # either
