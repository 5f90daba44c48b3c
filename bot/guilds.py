"""A community's settings: its channels, organisers, language and zone."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import UserError
from bot.tables import Guild, Member


@dataclass(frozen=True, slots=True)
class Languages:
    """What a member and their guild chose, where they chose."""

    member: str | None
    guild: str | None


async def remember(session: AsyncSession, names: Mapping[int, str]) -> None:
    """Know these guilds (id to name); those known keep their settings."""
    known = {
        guild.id: guild for guild in await session.scalars(select(Guild).where(Guild.id.in_(names)))
    }
    for guild_id, name in names.items():
        if guild_id in known:
            known[guild_id].name = name
            known[guild_id].left_at = None
        else:
            session.add(Guild(id=guild_id, name=name, zone="Europe/Paris"))
    await session.flush()


async def settings(session: AsyncSession, guild_id: int) -> Guild:
    """The settings of a guild.

    Raises:
        UserError: if the bot has not met it yet.
    """
    guild = await session.get(Guild, guild_id)
    if guild is None:
        raise UserError("setup.unknown_guild")
    return guild


async def configure(session: AsyncSession, guild_id: int, given: Mapping[str, object]) -> Guild:
    """Change the settings that are given (by column, None for "as it was"); give them all."""
    guild = await settings(session, guild_id)
    for name, value in given.items():
        if value is not None:
            setattr(guild, name, value)
    return guild


def require(guild: Guild, *names: str) -> None:
    """Check that these settings ("recaps_channel") have been made.

    Raises:
        UserError: naming the first that has not, and the command that makes it.
    """
    for name in names:
        if getattr(guild, name) is None:
            raise UserError(f"setup.missing_{name}")


async def languages(session: AsyncSession, guild_id: int, user_id: int) -> Languages:
    """The languages chosen by a member and by their guild."""
    return (await languages_of(session, [(guild_id, user_id)]))[guild_id, user_id]


async def languages_of(
    session: AsyncSession, asked: Collection[tuple[int, int]]
) -> dict[tuple[int, int], Languages]:
    """The languages chosen by each of these members (guild id, user id) and by their guilds."""
    ids, users = {guild_id for guild_id, _ in asked}, {user_id for _, user_id in asked}
    chosen = await session.execute(
        select(Member.guild_id, Member.user_id, Member.language).where(
            Member.guild_id.in_(ids), Member.user_id.in_(users), Member.language.is_not(None)
        )
    )
    members = {(guild_id, user_id): language for guild_id, user_id, language in chosen}
    spoken = await session.execute(select(Guild.id, Guild.language).where(Guild.id.in_(ids)))
    theirs = {guild_id: language for guild_id, language in spoken}  # noqa: C416 # rows are no pairs
    return {who: Languages(members.get(who), theirs.get(who[0])) for who in asked}


async def named(session: AsyncSession, wish: str | None) -> Guild:
    """The guild with this name or id; without a wish, the only one there is.

    Raises:
        UserError: if there is none, or more than one and no wish, listing their names.
    """
    guilds = (await session.scalars(select(Guild).order_by(Guild.name))).all()
    fitting = [g for g in guilds if wish is None or wish in {g.name, str(g.id)}]
    if len(fitting) == 1:
        return fitting[0]
    raise UserError(
        "setup.which_guild" if guilds else "setup.no_guild", names=_listed(g.name for g in guilds)
    )


def zone(guild: Guild) -> ZoneInfo:
    """The zone in which this community's times are written and read."""
    return ZoneInfo(guild.zone)


def _listed(names: Iterable[str]) -> str:
    return ", ".join(names)
