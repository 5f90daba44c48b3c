"""The sample community: set up, filled and answered as people do it, through Discord."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import discord
from simcord import ChannelHandle, Env, GuildHandle, MemberActor, ResponseMessage, RoleHandle

import bot
from bot import guilds
from bot.app import Bot
from bot.demo import meetings
from bot.demo.stage import Stage
from bot.events import emojis
from bot.recaps import imports
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

    @property
    def bot(self) -> Bot:
        """The bot that they have invited."""
        bot = self.env.bot
        assert isinstance(bot, Bot)  # noqa: S101 # no other was started
        return bot

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
    await _plan_and_import(community, bot)
    async with bot.db.writing(GUILD) as session:
        steward, now = community.steward.id, bot.clock()
        drafted = await meetings.draft(session, GUILD, by=steward, now=now)
    today, breakfast, evening = [await _announce(community, bot, it) for it in drafted]
    await _answer_today(community, today)
    await _answer_breakfast(community, bot, breakfast)
    await _answer_evening(community, bot, evening)


async def _welcome(community: Community, voice: Voice) -> None:
    """Say what there is to try, first thing in the first channel."""
    welcome = voice(
        "demo.welcome",
        announcements=community.announcements.mention,
        recaps=community.recaps.mention,
    )
    await community.organisers[0].send(community.general, welcome)


async def _plan_and_import(community: Community, bot: Bot) -> None:
    """Keep the series, and bring their recaps into the library; the newest are to be posted."""
    now = bot.clock()
    async with bot.db.writing(GUILD) as session:
        await meetings.keep_series(session, GUILD, by=community.steward.id, now=now)
        guild = await guilds.settings(session, GUILD)
    files = sorted(RECAPS.iterdir())
    await imports.import_files(bot.db, guild, files[:-POSTED], post=False, now=now)
    await imports.import_files(bot.db, guild, files[-POSTED:], post=True, now=now)


async def _announce(community: Community, bot: Bot, draft_id: int) -> discord.Message:
    """Publish a draft from the list of them; give its card."""
    voice = bot.voices["fr"]
    steward = community.steward
    drafts = (await steward.slash(community.general, "event drafts")).response
    assert drafts is not None  # noqa: S101 # there are some
    await steward.select(drafts, [str(draft_id)], custom_id="event-drafts")
    await steward.click(drafts, label=voice("drafting.publish"))
    return next(it for it in reversed(community.announcements.history()) if it.embeds)


async def _answer_today(community: Community, card: discord.Message) -> None:
    """Let some people come to what is on today; the first of them are there already."""
    amina, baptiste, clemence, *_ = community.members
    await _react(community, [amina, baptiste, clemence, *community.crowd[:7]], card, emojis.YES)
    panel = await community.steward.slash(community.general, "event checkin", part=meetings.TODAY)
    assert panel.response is not None  # noqa: S101 # a panel answers
    arrived = [str(one.id) for one in (clemence, *community.crowd[:3])]
    (menu,) = _ids(panel.response, "checkin:tick:")
    await community.steward.select(panel.response, arrived, custom_id=menu)


async def _answer_breakfast(community: Community, bot: Bot, card: discord.Message) -> None:
    """Fill every seat; five more wait, a member that one can be first among them."""
    amina, _, clemence, david, _, farid, gaelle, hugo = community.members
    early, pressing, late = community.crowd[:16], community.crowd[16:20], community.crowd[20:24]
    await _react(community, [amina, david, gaelle, hugo, *early], card, emojis.YES)
    for member in pressing:
        await member.click(card, label=bot.voices["fr"]("rsvp.button_yes"))
    await _react(community, [farid, *late], card, emojis.YES)
    await _react(community, [clemence], card, emojis.MAYBE)


async def _answer_evening(community: Community, bot: Bot, card: discord.Message) -> None:
    """Let people choose their tables, each in their way; one table is full."""
    voice = bot.voices["fr"]
    amina, _, clemence, *_, hugo = community.members
    for emoji, first, last in (("1️⃣", 0, 16), ("2️⃣", 10, 25), ("3️⃣", 0, 9), ("4️⃣", 0, 22)):
        await _react(community, community.crowd[first:last], card, emoji)
    await _react(community, community.crowd[25:28], card, emojis.NO)
    await _react(community, [amina], card, "1️⃣")
    await clemence.click(card, label=voice("rsvp.button_all"))
    await hugo.click(card, label=voice("rsvp.button_all"))
    menu = (await hugo.click(card, label=voice("rsvp.button_guests"))).response
    assert menu is not None  # noqa: S101 # it asks how many
    await hugo.select(menu, ["1"], custom_id=_ids(menu, "guests:")[0])
    for member in (amina, clemence, hugo):
        people = (await member.click(card, label=voice("rsvp.button_who"))).response
        assert people is not None  # noqa: S101 # it shows who comes
        await member.click(people, label=voice("rsvp.show_name"))


async def _react(
    community: Community, members: Iterable[MemberActor], card: discord.Message, emoji: str
) -> None:
    """Let members react in this order, all of them before the bot does anything."""
    for member in members:
        community.env.backend.set_reaction(card.channel.id, card.id, emoji, member.id, True)
    await community.env.settle()


def _ids(message: ResponseMessage, kind: str) -> list[str]:
    """The ids of what can be pressed or chosen in a message, if they begin like this."""
    items = (item for row in message.components for item in row["components"])
    ids = (str(item.get("custom_id")) for item in items)
    return [custom_id for custom_id in ids if custom_id.startswith(kind)]


def _name(member: MemberActor) -> str:
    return member.user.global_name or member.name
