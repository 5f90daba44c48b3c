"""What the sample community has planned, written down as its organisers would."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from bot import drafts, moments
from bot.demo.stage import TIMEZONE
from bot.events import drafting, finding, series
from bot.events.proposal import Fields

ZONE = ZoneInfo(TIMEZONE)
CONTACT = "Rémi Sauvagnargue, au 04 65 71 00 10"
TODAY = "Projection surprise"
EVENING: Fields = {
    "name": "Tablées du Delta",
    "place": "Halle aux filets, quai des Pêcheurs, Sète",
    "contact": CONTACT,
    "usual_time": "14h-21h",
    "parts": [
        {
            "title": "Filmer l’eau sans l’abîmer",
            "about": "Étangs, canaux, mer : saisons, autorisations, gestes simples. "
            "Avec Ysaline Courbessac, cheffe opératrice, et Marius Teissonnier, garde du littoral.",
            "when": "14h-15h15",
            "place": "Grande halle",
            "capacity": "40",
        },
        {
            "title": "À qui sont les images ?",
            "about": "Droits, licences, archives ouvertes. "
            "Avec Odile Ferrandon, avocate, et Joris Malaval, documentariste.",
            "when": "15h30-16h45",
            "place": "Salle des voiles",
            "capacity": "12",
        },
        {
            "title": "Montrer un film à ses voisins",
            "about": "Projections en plein air, tournées, petites salles. "
            "Avec Perrine Aubanelle, projectionniste.",
            "when": "17h-18h15",
            "place": "Grande halle",
            "capacity": "30",
        },
        {
            "title": "Apéritif du delta",
            "when": "18h30-21h",
            "place": "Terrasse",
            "guests": "1",
            "deadline": "3 jours",
        },
    ],
}
BREAKFAST: Fields = {
    "name": "Petit-déjeuner du Delta",
    "place": "Café de l’Écluse, 2 chemin de halage, Arles",
    "contact": CONTACT,
    "capacity": "24",
    "usual_time": "9h-10h30",
    "rule": "chaque premier mardi",
}
# So far that nobody is reminded of it yet, and before the evening.
BREAKFAST_AFTER = timedelta(days=8)
EVENING_AFTER = timedelta(weeks=7)
THURSDAY = 3


async def keep_series(session: AsyncSession, guild_id: int, *, by: int, now: datetime) -> None:
    """Keep the kinds of meeting that come back."""
    for fields in (EVENING, BREAKFAST):
        draft = await drafts.keep(
            session,
            "series",
            drafting.numbered(fields),
            guild_id=guild_id,
            user_id=by,
            now=now,
        )
        # The first breakfast by the rule is the one announced.
        first = now + BREAKFAST_AFTER
        await series.save(session, draft.id, guild_id=guild_id, by=by, locale="fr", now=first)


async def draft(session: AsyncSession, guild_id: int, *, by: int, now: datetime) -> list[int]:
    """Draft what is to be announced; give the drafts' ids, in that order."""
    written = [
        _today(now),
        await _edition(session, guild_id, BREAKFAST, _breakfast(now), now),
        await _edition(session, guild_id, EVENING, _evening(now), now),
    ]
    kept = [
        await drafts.keep(session, "event", fields, guild_id=guild_id, user_id=by, now=now)
        for fields in written
    ]
    return [one.id for one in kept]


async def _edition(
    session: AsyncSession, guild_id: int, kind: Fields, own: Fields, now: datetime
) -> Fields:
    """The next edition of a series: what the series says, then what is its own."""
    (found,) = await finding.series(session, guild_id, kind["name"])
    known = await series.defaults(
        session, await series.find(session, found.id, guild_id=guild_id), now=now
    )
    return {**known, **own, "title": f"{known['title']} : {own['title']}"}


def _today(now: datetime) -> Fields:
    """At the next full hour that is not at once: its door is open already."""
    soon = now + timedelta(minutes=15)
    start = soon.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    return {
        "title": TODAY,
        "when": drafting.in_words(start, start + timedelta(hours=2), zone=ZONE, locale="fr"),
        "place": "Ancienne gare, Arles",
        "capacity": "15",
    }


def _breakfast(now: datetime) -> Fields:
    rule = moments.recurring(BREAKFAST["rule"], now=now + BREAKFAST_AFTER, zone=ZONE, usual="9h")
    start = rule.start.replace(tzinfo=ZONE)
    return {
        "title": "produire un documentaire sonore",
        "deadline": "2 jours",
        "when": drafting.in_words(start, start + timedelta(minutes=90), zone=ZONE, locale="fr"),
    }


def _evening(now: datetime) -> Fields:
    """A Thursday, several weeks ahead."""
    day = (now + EVENING_AFTER).astimezone(ZONE).date()
    day += timedelta(days=(THURSDAY - day.weekday()) % 7)
    start, end = (datetime.combine(day, time(hour), ZONE) for hour in (14, 21))
    return {
        "title": "filmer l’eau, partager l’image",
        "when": drafting.in_words(start, end, zone=ZONE, locale="fr"),
        "description": "Trois tables rondes, puis on trinque. Venez pour une table ou pour tout.",
    }
