"""What Discord holds of events: who is in a thread, who has a role, what is scheduled."""

from collections.abc import Sequence

import simcord
from sqlalchemy import select, update

from bot.tables import Event, Granted
from tests.community import Community
from tests.programmes import hear


async def settle_on(community: Community, **chosen: bool) -> None:
    """Choose whether events get threads, and mirrors."""
    await community.alice.slash(community.general, "setup", **chosen)


def in_thread(community: Community, thread_id: int) -> set[int]:
    """Who is in a thread, the bot apart."""
    assert community.bot.user is not None
    members = community.env.backend.get_thread(thread_id).thread_members
    return {*members} - {community.bot.user.id}


def archived(community: Community, thread_id: int) -> bool:
    """Whether a thread was put away."""
    metadata = community.env.backend.get_thread(thread_id).thread_metadata
    assert metadata is not None
    return metadata.archived


def put_away(community: Community, thread_id: int) -> None:
    """Let Discord put a quiet thread away."""
    community.env.backend.edit_channel(thread_id, {}, thread_metadata={"archived": True})


def join(community: Community, thread_id: int, member: simcord.MemberActor) -> None:
    """Let a member enter a thread by themselves."""
    community.env.backend.add_thread_member(thread_id, member.id)


def having(community: Community, role: simcord.RoleHandle) -> set[int]:
    """Who has a role."""
    members = community.env.backend.get_guild(community.guild.id).members
    return {user_id for user_id, member in members.items() if role.id in member.role_ids}


def give(community: Community, role: simcord.RoleHandle, member: simcord.MemberActor) -> None:
    """Let an organiser give a member a role by hand."""
    community.env.backend.add_member_role(community.guild.id, member.id, role.id)


async def choose_role(
    community: Community, role: simcord.RoleHandle | None = None, **options: str
) -> simcord.InteractionResult:
    """Choose the role of the only event, as Alice does."""
    given = {"event": "Petit-déjeuner"} | options | ({"role": role} if role else {})
    return await community.alice.slash(community.general, "event role", **given)


def asked(community: Community, since: int, *parts: str) -> list[str]:
    """The requests made since then whose path holds one of these, as "PUT /path"."""
    requests = community.env.http_requests[since:]
    return [f"{it.method} {it.path}" for it in requests if any(p in it.path for p in parts)]


async def kept(community: Community) -> list[tuple[int, str]]:
    """What the bot keeps having given: to whom, and how."""
    async with community.db.reading() as session:
        rows = await session.execute(select(Granted.user_id, Granted.kind))
        return sorted((user_id, kind) for user_id, kind in rows)


async def the_event(community: Community) -> Event:
    """The only event, as committed."""
    async with community.db.reading() as session:
        return (await session.scalars(select(Event))).one()


async def change(community: Community, **values: object) -> None:
    """Change the only event in the table, and let it be noticed."""
    async with community.db.writing() as session:
        event_id = await session.scalar(update(Event).values(**values).returning(Event.id))
    await hear(community, "event_changed", event_id)


def ids(*members: simcord.MemberActor) -> set[int]:
    """Their ids."""
    return {member.id for member in members}


async def all_react(
    community: Community, card: int, members: Sequence[simcord.MemberActor]
) -> None:
    """Let all of them say yes at once."""
    for member in members:
        community.env.backend.set_reaction(community.announcements.id, card, "✅", member.id, True)
    await community.env.settle()
