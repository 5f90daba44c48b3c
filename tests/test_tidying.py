import discord
import pytest

from tests.belonging import all_react, asked
from tests.community import Community, shown
from tests.programmes import announce_programme, change_part, table


def showing(community: Community, member: int) -> list[str]:
    """The emojis that a member shows on the newest card."""
    card = community.card()
    reactions = community.env.backend.get_message(card.channel.id, card.id).reactions
    return [reaction.emoji for reaction in reactions if member in reaction.user_ids]


async def test_of_several_emojis_the_one_that_counts_is_left(community: Community) -> None:
    card = await community.announce()
    await community.bob.react(card, "❌")
    await community.bob.react(card, "✅")
    assert showing(community, community.bob.id) == ["✅"]
    assert "✅ Présents 1" in shown(community.card())


async def test_a_refused_reaction_is_taken_off(community: Community) -> None:
    card = await community.announce()
    await community.alice.slash(community.general, "event close", event="Petit-déjeuner")
    await community.bob.react(card, "✅")
    assert showing(community, community.bob.id) == []


async def test_a_table_of_other_roles_is_taken_off_and_the_rest_stays(
    community: Community,
) -> None:
    await announce_programme(community, parts=[table("IA"), table("Scénario", 1)])
    await change_part(community, "IA", roles=[community.organisers.id])
    await community.restart()  # the cards in memory learn that they are restricted
    card = community.card()
    await community.bob.react(card, "2️⃣")
    await community.bob.react(card, "1️⃣")
    assert showing(community, community.bob.id) == ["2️⃣"]


async def test_an_emoji_of_which_something_counts_is_left(community: Community) -> None:
    await announce_programme(community, parts=[table("IA"), table("Scénario", 1)])
    card = community.card()
    await community.bob.react(card, "❌")
    await community.bob.react(card, "1️⃣")
    assert showing(community, community.bob.id) == ["1️⃣", "❌"]
    await community.bob.react(card, "✅")
    assert showing(community, community.bob.id) == ["1️⃣", "✅"]


async def test_an_answer_by_button_outlives_the_emoji(community: Community) -> None:
    card = await community.announce()
    await community.bob.react(card, "✅")
    await community.bob.click(card, label="Non")
    await community.bob.react(card, "❔")
    await community.bob.click(card, label="Non")
    await community.bob.react(card, "✅")
    assert showing(community, community.bob.id) == ["✅"]
    assert "✅ Présents 1" in shown(community.card())


async def test_what_changed_while_the_bot_was_away_is_tidied_after_it(
    community: Community,
) -> None:
    card = await community.announce()
    await community.bob.react(card, "❔")
    await community.go_away()
    await community.bob.react(card, "✅")
    await community.come_back()
    assert showing(community, community.bob.id) == ["✅"]
    assert "✅ Présents 1" in shown(community.card())


async def test_without_the_right_nothing_is_taken_off(community: Community) -> None:
    refused = discord.PermissionOverwrite(manage_messages=False)
    channel = community.guild.create_text_channel("calme", overwrites={community.me: refused})
    await community.alice.slash(community.general, "setup", announcements=channel)
    community.announcements = channel
    card = await community.announce()
    await community.bob.react(card, "❌")
    await community.bob.react(card, "✅")
    assert showing(community, community.bob.id) == ["✅", "❌"]


async def test_a_refusal_is_not_tried_again(community: Community) -> None:
    card = await community.announce()
    await community.bob.react(card, "❌")
    path = f"/channels/*/reactions/*/{community.bob.id}"
    community.env.inject_error("DELETE", path, status=403, code=50013, times=None)
    before = len(community.env.http_requests)
    await community.bob.react(card, "✅")
    deletions = asked(community, before, f"/{community.bob.id}")
    assert len([it for it in deletions if it.startswith("DELETE")]) == 1
    assert "✅ Présents 1" in shown(community.card())


@pytest.mark.parametrize("members", [130])
async def test_a_crowd_is_tidied_within_bounds(community: Community, members: int) -> None:
    card = await community.announce()
    await community.alice.slash(community.general, "event close", event="Petit-déjeuner")
    before = len(community.env.http_requests)
    await all_react(community, card.id, community.crowd(members))
    deletions = [it for it in asked(community, before, "/reactions/") if it.startswith("DELETE")]
    assert 0 < len(deletions) <= 100
