import discord
import simcord

from tests.community import Community, shown


async def announcements_in(community: Community, channel: simcord.ChannelHandle) -> None:
    await community.alice.slash(community.general, "setup", announcements=channel)
    community.announcements = channel


async def test_without_the_right_to_read_the_past_answers_count_before_and_after_a_restart(
    community: Community,
) -> None:
    refused = discord.PermissionOverwrite(read_message_history=False)
    assert community.guild.me is not None
    channel = community.guild.create_text_channel(
        "sans-passe", overwrites={community.guild.me: refused}
    )
    await announcements_in(community, channel)
    card = await community.announce()
    await community.bob.react(card, "✅")
    assert "✅ Présents 1" in shown(community.card())
    await community.restart()
    await community.carol.react(card, "✅")
    await community.dave.click(card, label="Je viens")
    assert "✅ Présents 3" in shown(community.card())


async def test_a_right_taken_for_a_while_stops_the_drawing_for_that_while(
    community: Community,
) -> None:
    card = await community.announce()
    path = f"/channels/{card.channel.id}/messages/{card.id}"
    community.env.inject_error("PATCH", path, status=403, code=50001, times=1)
    await community.bob.react(card, "✅")
    assert "✅ Présents 0" in shown(community.card())
    await community.restart()
    assert "✅ Présents 1" in shown(community.card())
    await community.carol.react(card, "✅")
    assert "✅ Présents 2" in shown(community.card())


async def test_trouble_with_one_card_leaves_the_others_in_step(community: Community) -> None:
    first = await community.announce(title="Déjeuner")
    second = await community.announce(title="Dîner")
    await community.bob.react(second, "✅")
    await community.go_away()
    swept = community.env.backend.set_reaction
    assert community.env.bot.user is not None
    swept(first.channel.id, first.id, "✅", community.env.bot.user.id, False)
    await community.carol.react(second, "✅")
    path = f"/channels/{first.channel.id}/messages/{first.id}/reactions/*"
    community.env.inject_error("PUT", path, status=500, times=None)
    await community.come_back()
    assert "✅ Présents 2" in shown(community.card())


async def test_a_deleted_card_is_given_up_and_the_others_live_on(community: Community) -> None:
    first = await community.announce(title="Déjeuner")
    second = await community.announce(title="Dîner")
    channel = community.env.bot.get_channel(first.channel.id)
    assert isinstance(channel, discord.TextChannel)
    await channel.get_partial_message(first.id).delete()
    await community.bob.react(second, "✅")
    await community.restart()
    await community.carol.react(second, "✅")
    assert "✅ Présents 2" in shown(community.card())
