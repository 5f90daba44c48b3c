"""Members who leave the community, where Discord grants the list of members."""

import pytest

from bot.app import Bot
from bot.db import Database
from tests.community import Community, shown
from tests.conftest import BotMaker


@pytest.fixture
async def simcord_bot(make_bot: BotMaker) -> Bot:
    """A bot that was granted the members intent."""
    database = Database(make_bot.url)
    return Bot(database, make_bot.voices, pace=0.0, shard_count=1, members_intent=True)


async def test_the_seat_of_who_leaves_goes_to_who_waits(community: Community) -> None:
    card = await community.announce(capacity=1)
    await community.bob.react(card, "✅")
    await community.carol.react(card, "✅")
    assert "⏳ 1 personne" in shown(community.card())
    community.guild.remove_member(community.bob)
    await community.env.settle()
    assert "✅ Présents 1 / 1" in shown(community.card())
    assert "⏳ 1 personne" not in shown(community.card())
    (told,) = community.carol.user.dm_channel.history()
    assert "Petit-déjeuner" in told.content


async def test_who_leaves_without_having_answered_changes_nothing(community: Community) -> None:
    await community.announce()
    before = len(community.env.http_requests)
    community.guild.remove_member(community.dave)
    await community.env.settle()
    assert len(community.env.http_requests) == before
