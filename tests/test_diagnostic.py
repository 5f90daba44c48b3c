from datetime import timedelta

import discord
import pytest
from simcord.backend.models import Overwrite
from simcord.enums import OverwriteType
from sqlalchemy import update

from bot import deliveries, drafts, guilds
from bot.deliveries import Recipient
from bot.events import publishing
from bot.tables import Delivery, DeliveryState, Draft, Guild
from tests.belonging import choose_role, settle_on
from tests.community import Community
from tests.conftest import START
from tests.organising import said

WELL = "✅ Tout est en ordre."


async def diagnosed(community: Community) -> str:
    """What Alice is told."""
    return said(await community.alice.slash(community.general, "diagnostic"))


async def forbid(community: Community, channel_id: int, **rights: bool) -> None:
    """Take rights from the bot in a channel."""
    allow, deny = discord.PermissionOverwrite(**rights).pair()
    overwrite = Overwrite(community.me.id, OverwriteType.MEMBER, allow.value, deny.value)
    community.env.backend.set_overwrite(channel_id, overwrite)
    await community.env.settle()


async def owe(
    community: Community, count: int, state: DeliveryState, reason: str, *, days: int = 0
) -> None:
    """Let messages fail for a reason, so many days ago."""
    now = community.bot.clock() - timedelta(days=days)
    async with community.db.writing() as session:
        for number in range(count):
            await deliveries.owe(
                session,
                guild_id=community.guild.id,
                kind="promotion",
                subject=f"part:{number}:{reason}",
                recipient=Recipient("user", 7),
                now=now,
            )
        fresh = Delivery.subject.endswith(reason)
        values = {"state": state, "reason": reason}
        await session.execute(update(Delivery).where(fresh).values(**values))


async def test_all_well_is_said_in_a_line(community: Community) -> None:
    await settle_on(community, threads=True, mirror=True)
    card = await community.announce()
    await community.bob.react(card, "✅")
    first, *facts = (await diagnosed(community)).strip().split("\n")
    assert first == WELL
    assert all(fact.startswith("-# ") for fact in facts)
    assert "Base de données : SQLite" in facts[-1]


async def test_it_is_for_organisers(community: Community) -> None:
    assert "diagnostic" in community.alice.available_commands(community.general)
    assert "diagnostic" not in community.bob.available_commands(community.general)


@pytest.mark.parametrize(
    ("right", "name"),
    [
        ("embed_links", "Intégrer des liens"),
        ("add_reactions", "Ajouter des réactions"),
        ("read_message_history", "Voir les anciens messages"),
        ("create_public_threads", "Créer des fils publics"),
        ("send_messages_in_threads", "Envoyer des messages dans les fils"),
        ("manage_threads", "Gérer les fils"),
        ("manage_messages", "Gérer les messages"),
    ],
)
async def test_a_missing_right_is_named_with_its_channel_and_its_use(
    community: Community, right: str, name: str
) -> None:
    await settle_on(community, threads=True)
    await forbid(community, community.announcements.id, **{right: False})
    report = await diagnosed(community)
    assert f"Dans {community.announcements.mention}, donnez à mon rôle" in report
    assert f"• « {name} » : " in report
    assert report.count("• ") == 1


async def test_who_may_not_write_may_not_embed_either(community: Community) -> None:
    await forbid(community, community.recaps.id, send_messages=False)
    report = await diagnosed(community)
    assert "• « Envoyer des messages » : pour publier" in report
    assert "• « Intégrer des liens » : " in report


async def test_rights_are_looked_at_where_cards_stand(community: Community) -> None:
    await community.announce()
    await community.alice.slash(community.general, "setup", announcements=community.general)
    await forbid(community, community.announcements.id, add_reactions=False)
    assert community.announcements.mention in await diagnosed(community)


async def test_threads_need_no_right_where_there_are_none(community: Community) -> None:
    await forbid(community, community.announcements.id, manage_threads=False)
    assert WELL in await diagnosed(community)


async def test_what_was_chosen_and_is_gone_is_named(community: Community) -> None:
    for channel in (community.announcements, community.recaps):
        community.env.backend.delete_channel(channel.id)
    await community.env.settle()
    async with community.db.writing() as session:
        await guilds.configure(session, community.guild.id, {"organiser_role": 1})
    report = await diagnosed(community)
    for what in ("Le salon des annonces", "Le salon des comptes rendus", "Le rôle d’organisation"):
        assert f"• {what} n’existe plus." in report


async def test_before_setup_what_is_to_be_chosen_is_named(community: Community) -> None:
    async with community.db.writing() as session:
        nothing = {"announcements_channel": None, "organiser_role": None}
        await session.execute(update(Guild).values(**nothing))
    report = await diagnosed(community)
    assert "Il manque le salon des annonces" in report
    assert "Aucun rôle d’organisation n’est choisi" in report


async def test_a_card_that_was_deleted_is_named_until_it_is_posted_again(
    community: Community,
) -> None:
    card = await community.announce()
    community.env.backend.delete_message(card.channel.id, card.id)
    await community.bob.send(community.general, "…")
    await community.restart()
    report = await diagnosed(community)
    assert "**Petit-déjeuner** n’a plus de fiche" in report
    assert "le message a été supprimé" in report
    assert "/rencontre annoncer" in report
    await community.alice.slash(community.general, "event announce", event="Petit-déjeuner")
    assert WELL in await diagnosed(community)


async def test_messages_that_did_not_go_out_are_counted_by_reason(community: Community) -> None:
    await owe(community, 3, DeliveryState.FAILED, "deliveries.closed_messages")
    await owe(community, 1, DeliveryState.UNKNOWN, "deliveries.no_answer")
    await owe(community, 1, DeliveryState.MISSED, "deliveries.too_late")
    await owe(community, 2, DeliveryState.FAILED, "deliveries.no_right", days=8)
    await owe(community, 4, DeliveryState.MISSED, "changes.called_off")
    report = await diagnosed(community)
    assert "• 3 messages non remis ces 7 derniers jours : ses messages privés sont f" in report
    assert "• 1 message non remis ces 7 derniers jours : Discord n’a pas répondu" in report
    assert "il était trop tard" in report
    assert "droit d’écrire" not in report
    assert report.count("• ") == 3


async def test_a_draft_that_did_not_publish_itself_is_named(community: Community) -> None:
    now = community.bot.clock()
    guild_id = community.guild.id
    async with community.db.writing(guild_id) as session:
        draft = await drafts.keep(
            session, guild_id=guild_id, user_id=1, kind="event", fields={"title": "Dîner"}, now=now
        )
        await session.flush()
        await session.execute(update(Draft).values(tries=2, publish_at=now))
        await session.refresh(draft)
        await publishing.put_off(
            session, draft.id, "La date est passée.", guild_id=guild_id, now=now
        )
    assert "Le brouillon **Dîner** ne s’est pas publié : La date est passée." in await diagnosed(
        community
    )


async def test_a_role_that_cannot_be_given_is_named(community: Community) -> None:
    role = community.guild.create_role("Tablée")
    await community.announce()
    await choose_role(community, role)
    real = community.me.guild.get_role(role.id)
    assert real is not None
    await real.delete()
    await community.env.settle()
    assert "Le rôle de **Petit-déjeuner** n’existe plus" in await diagnosed(community)


async def test_a_report_of_any_length_is_one_message(community: Community) -> None:
    start = START + timedelta(days=5)
    for number in range(12):
        card = await community.announce(
            title=f"{'Rencontre ' * 9}{number}", when=f"{start:%d/%m/%Y} à 18h"
        )
        community.env.backend.delete_message(card.channel.id, card.id)
    await community.restart()
    report = await diagnosed(community)
    assert len(report) <= 2000
    assert "lignes de plus" in report
