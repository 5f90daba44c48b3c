"""Asking a role for its answers, where Discord grants the list of members."""

from typing import Any

import pytest
import simcord

from bot.app import Bot
from bot.db import Database
from bot.events import questions
from tests.community import Community
from tests.conftest import BotMaker


@pytest.fixture
async def simcord_bot(make_bot: BotMaker) -> Bot:
    """A bot that was granted the members intent."""
    database = Database(make_bot.url)
    return Bot(database, make_bot.voices, pace=0.0, shard_count=1, members_intent=True)


async def asks(community: Community, role: simcord.RoleHandle) -> str | None:
    """Ask a role as Alice does; give what she is told."""
    reply = await community.alice.slash(community.general, "event remind", event="1", role=role)
    assert reply.response is not None
    assert role.mention in reply.response.content
    await community.alice.click(reply.response, label="Envoyer")
    told = reply.followups[-1].content if reply.followups else None
    return told or reply.response.content


def members(community: Community, size: int) -> tuple[simcord.RoleHandle, simcord.MemberActor]:
    """A role that so many have, and the first of them."""
    role = community.guild.create_role("Adhérents")
    made = [
        community.guild.add_member(community.env.create_user(f"adherent{n}"), roles=[role])
        for n in range(size)
    ]
    return role, made[0]


def questions_asked(community: Community) -> list[dict[str, Any]]:
    path = f"/channels/{community.announcements.id}/messages"
    sent = [r.json for r in community.env.http_requests if (r.method, r.path) == ("POST", path)]
    return [body for body in sent if body and "Serez-vous" in (body.get("content") or "")]


async def test_those_of_a_role_who_said_nothing_are_asked_once(community: Community) -> None:
    card = await community.announce()
    role, first = members(community, 50)
    await first.react(card, "❌")
    assert "49 personnes" in str(await asks(community, role))
    pinged = [
        int(user_id)
        for body in questions_asked(community)
        for user_id in body["allowed_mentions"]["users"]
    ]
    assert len(pinged) == len({*pinged}) == 49
    assert first.id not in pinged
    assert community.alice.id not in pinged
    await asks(community, role)
    assert len(questions_asked(community)) == 2


async def test_a_role_too_large_is_not_called(community: Community) -> None:
    await community.announce()
    role, _ = members(community, questions.MOST + 1)
    await asks(community, role)
    assert questions_asked(community) == []
