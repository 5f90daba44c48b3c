"""The sample community: set up, filled and answered as people do it, through Discord."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import discord
from simcord import ChannelHandle, Env, GuildHandle, MemberActor, RoleHandle

import bot
from bot import guilds, moments
from bot.app import Bot
from bot.demo.stage import TIMEZONE, Stage
from bot.events.emojis import COMMITMENT
from bot.recaps import imports
from bot.tables import Choice
from bot.texts import Voice

# Always the same, so that a database used again is this community's.
GUILD = 1_000_000_000_000_000_000
NAME = "Les Tablées du Delta"
RECAPS = Path(bot.__file__).with_name("sample") / "recaps"
# So many of the newest recaps are posted; the older ones are in the archive alone.
POSTED = 3
ORGANISERS = ("Solène Arnavon", "Bertille Campagnac")
MEMBERS = (
    "Amina Belkacem",
    "Baptiste Roux",
    "Clémence Vidal",
    "David Okoye",
    "Élodie Marchetti",
    "Farid Haddad",
    "Gaëlle Prunier",
    "Hugo Lacombe",
)
CROWD = 30


@dataclass(frozen=True, slots=True)
class Plan:
    """An event to announce: the first such weekday, so many weeks ahead, at that hour."""

    title: str
    place: str
    capacity: int
    weeks: int
    weekday: int
    hour: time

    def when(self, now: datetime) -> str:
        """Its date as an organiser writes it."""
        zone = ZoneInfo(TIMEZONE)
        day = now.astimezone(zone).date() + timedelta(weeks=self.weeks)
        day += timedelta(days=(self.weekday - day.weekday()) % 7)
        return moments.full(datetime.combine(day, self.hour, zone), zone=zone, locale="fr")


EVENING = Plan(
    title="Les Tablées du Delta #10 : filmer l’eau, partager l’image",
    place="Halle aux filets, quai des Pêcheurs, Sète",
    capacity=120,
    weeks=7,
    weekday=3,
    hour=time(18, 30),
)
BREAKFAST = Plan(
    title="Petit-déjeuner du Delta #4 : produire un documentaire sonore",
    place="Café de l’Écluse, 2 chemin de halage, Arles",
    capacity=24,
    weeks=3,
    weekday=4,
    hour=time(9),
)


@dataclass(frozen=True, slots=True)
class Community:
    """A server and its people. The steward and the crowd are nobody that one can be."""

    env: Env
    guild: GuildHandle
    general: ChannelHandle
    announcements: ChannelHandle
    recaps: ChannelHandle
    organisation: RoleHandle
    steward: MemberActor
    organisers: list[MemberActor]
    members: list[MemberActor]
    crowd: list[MemberActor]

    def stage(self, voice: Voice) -> Stage:
        """The community as browsers see it, as one of its members each."""
        cast = {voice("demo.organiser", name=_name(one)): one for one in self.organisers}
        cast |= {_name(one): one for one in self.members}
        return Stage(self.env, self.guild, cast, discord.Locale.french)


def found(env: Env) -> Community:
    """Make the server, its channels and its people."""
    guild = env.create_guild(NAME, id=GUILD, preferred_locale="fr")
    organisation = guild.create_role(
        "Organisation", permissions=discord.Permissions(manage_events=True, manage_guild=True)
    )

    def join(names: Iterable[str], *roles: RoleHandle) -> list[MemberActor]:
        return [
            guild.add_member(env.create_user(name, global_name=name), roles=list(roles))
            for name in names
        ]

    return Community(
        env=env,
        guild=guild,
        general=guild.create_text_channel("général", topic="Bienvenue aux Tablées"),
        announcements=guild.create_text_channel("annonces", topic="Les rencontres à venir"),
        recaps=guild.create_text_channel("comptes-rendus", topic="Ce qui s’y est dit"),
        organisation=organisation,
        steward=join(["Rémi Sauvagnargue"], organisation)[0],
        organisers=join(ORGANISERS, organisation),
        members=join(MEMBERS),
        crowd=join(f"Membre {number}" for number in range(1, CROWD + 1)),
    )


async def fill(community: Community, bot: Bot, voice: Voice) -> None:
    """Welcome whoever tries the bot; in a new community, set it up and let its people act."""
    await _welcome(community, voice)
    if community.announcements.history():
        return
    await community.steward.slash(
        community.general,
        "setup",
        announcements=community.announcements,
        recaps=community.recaps,
        organisers=community.organisation,
        language="fr",
    )
    await _import(bot)
    evening = await _announce(community, bot, EVENING)
    breakfast = await _announce(community, bot, BREAKFAST)
    await _answer_evening(community, evening)
    await _answer_breakfast(community, bot, breakfast)


async def _welcome(community: Community, voice: Voice) -> None:
    """Say what there is to try, first thing in the first channel."""
    welcome = voice(
        "demo.welcome",
        announcements=community.announcements.mention,
        recaps=community.recaps.mention,
    )
    await community.organisers[0].send(community.general, welcome)


async def _import(bot: Bot) -> None:
    """Bring the sample archive into the library; the newest recaps are owed to their channel."""
    async with bot.db.reading() as session:
        guild = await guilds.settings(session, GUILD)
    files = sorted(RECAPS.iterdir())
    now = bot.clock()
    await imports.import_files(bot.db, guild, files[:-POSTED], post=False, now=now)
    await imports.import_files(bot.db, guild, files[-POSTED:], post=True, now=now)


async def _announce(community: Community, bot: Bot, plan: Plan) -> discord.Message:
    """Announce an event, after its preview; give its card."""
    preview = await community.steward.slash(
        community.general,
        "event create",
        title=plan.title,
        when=plan.when(bot.clock()),
        place=plan.place,
        capacity=plan.capacity,
    )
    assert preview.response is not None  # noqa: S101 # a preview answers
    await community.steward.click(preview.response, label=bot.voices["fr"]("events.publish"))
    return community.announcements.history()[-1]


async def _answer_evening(community: Community, card: discord.Message) -> None:
    """Let some people answer by reacting, each in their way."""
    amina, _, clemence, *_ = community.members
    coming, unsure, away = community.crowd[:14], community.crowd[14:19], community.crowd[19:22]
    await _react(community, [amina, clemence, *coming], card, Choice.YES)
    await _react(community, unsure, card, Choice.MAYBE)
    await _react(community, away, card, Choice.NO)


async def _answer_breakfast(community: Community, bot: Bot, card: discord.Message) -> None:
    """Fill every seat; five more wait, a member that one can be first among them."""
    amina, _, _, david, _, farid, gaelle, _ = community.members
    early, pressing, late = community.crowd[:17], community.crowd[17:21], community.crowd[21:25]
    await _react(community, [amina, david, gaelle, *early], card, Choice.YES)
    for member in pressing:
        await member.click(card, label=bot.voices["fr"]("rsvp.button_yes"))
    await _react(community, [farid, *late], card, Choice.YES)


async def _react(
    community: Community, members: Iterable[MemberActor], card: discord.Message, choice: Choice
) -> None:
    """Let members react in this order, all of them before the bot does anything."""
    emoji = next(emoji for emoji, meant in COMMITMENT.items() if meant is choice)
    for member in members:
        community.env.backend.set_reaction(card.channel.id, card.id, emoji, member.id, True)
    await community.env.settle()


def _name(member: MemberActor) -> str:
    return member.user.global_name or member.name
