import discord
import pytest
import simcord

from bot import guilds
from bot.tables import Guild
from tests.community import Community


def said(result: simcord.InteractionResult) -> str:
    """What the bot answered, privately."""
    assert result.ephemeral
    assert result.response is not None
    return result.response.content


async def settings(community: Community) -> Guild:
    async with community.db.reading() as session:
        return await guilds.settings(session, community.guild.id)


async def test_setup_stores_what_is_chosen_and_shows_it(community: Community) -> None:
    reply = said(await community.set_up())
    for shown in (
        f"📣 Annonces : {community.announcements.mention}",
        f"📰 Comptes rendus : {community.recaps.mention}",
        f"Organisation : <@&{community.organisers.id}>",
        "Langue : français",
        "Fuseau horaire : Europe/Paris",
        "Un fil par rencontre : non",
        "Rencontres parmi les événements de Discord : non",
        "Intégrations → Tableronde",
    ):
        assert shown in reply.replace("\u00a0", " ")
    guild = await settings(community)
    assert guild.announcements_channel == community.announcements.id
    assert guild.organiser_role == community.organisers.id


async def test_setup_without_options_shows_and_changes_nothing(community: Community) -> None:
    before = said(await community.set_up())
    assert said(await community.alice.slash(community.general, "setup")) == before


async def test_setup_changes_only_what_is_given(community: Community) -> None:
    reply = said(await community.alice.slash(community.general, "setup", language="en"))
    assert "Language: English" in reply
    assert community.announcements.mention in reply
    guild = await settings(community)
    assert (guild.language, guild.recaps_channel) == ("en", community.recaps.id)


async def test_threads_and_mirrors_are_wanted_until_they_are_not(community: Community) -> None:
    guild = await settings(community)
    assert (guild.threads, guild.mirror) == (False, False)
    reply = said(await community.alice.slash(community.general, "setup", threads=True))
    assert "Un fil par rencontre\u00a0: oui" in reply
    assert "événements de Discord\u00a0: non" in reply
    other = community.env.create_guild("Autre")
    await community.env.settle()
    async with community.db.reading() as session:
        met = await guilds.settings(session, other.id)
    assert (met.threads, met.mirror) == (True, True)


async def test_setup_names_the_rights_that_are_missing_and_the_channel(
    community: Community,
) -> None:
    refused = discord.PermissionOverwrite(add_reactions=False, embed_links=False)
    mute = community.guild.create_text_channel("muet", overwrites={community.me: refused})
    reply = said(await community.alice.slash(community.general, "setup", announcements=mute))
    assert f"Dans {mute.mention}, il me manque\u00a0: " in reply
    assert "Intégrer des liens, Ajouter des réactions." in reply
    assert "Envoyer des messages" not in reply


async def test_everyone_is_no_role_of_organisers(community: Community) -> None:
    everyone = community.guild.default_role
    reply = said(await community.alice.slash(community.general, "setup", organisers=everyone))
    assert "seules les personnes qui organisent" in reply
    assert (await settings(community)).organiser_role == community.organisers.id


async def test_who_does_not_manage_the_server_sees_no_setup(community: Community) -> None:
    with pytest.raises(simcord.SetupError, match="default-member-permissions"):
        await community.bob.slash(community.general, "setup")


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("paris", "Europe/Paris"),
        ("new york", "America/New_York"),
        ("NEW_YORK", "America/New_York"),
        ("reunion", "Indian/Reunion"),
        ("", "Europe/Amsterdam"),
    ],
)
async def test_zones_are_found_by_any_part_of_their_names(
    community: Community, typed: str, first: str
) -> None:
    choices = await community.alice.autocomplete(community.general, "setup", "zone", typed)
    assert choices[0]["value"] == first
    assert len(choices) <= 25


async def test_an_unknown_zone_is_refused_with_a_remedy(community: Community) -> None:
    reply = said(await community.alice.slash(community.general, "setup", zone="Arles"))
    assert "«\u00a0Arles\u00a0» n’est pas un fuseau horaire connu" in reply
    assert (await settings(community)).zone == "Europe/Paris"


async def test_times_are_read_in_the_zone_that_was_chosen(community: Community) -> None:
    await community.alice.slash(community.general, "setup", zone="Indian/Reunion")
    options = {"title": "Café", "when": "15 janvier 2026 à 18h30"}
    reply = await community.alice.slash(community.general, "event create", **options)
    assert "<t:1768487400:F>" in said(reply)


@pytest.mark.parametrize(
    ("command", "missing"),
    [
        ("event create", "Il manque le salon des annonces"),
        ("recap publish", "Il manque le salon des comptes rendus"),
    ],
)
async def test_before_setup_commands_say_what_is_missing_and_who_chooses_it(
    community: Community, command: str, missing: str
) -> None:
    guild = community.env.create_guild("Autre", preferred_locale="fr")
    await community.env.settle()
    room = guild.create_text_channel("general")
    role = guild.create_role("Bureau", permissions=discord.Permissions(manage_events=True))
    erin = guild.add_member(community.env.create_user("erin"), roles=[role])
    async with community.db.writing() as session:
        await guilds.configure(session, guild.id, {"language": "fr"})
    reply = said(await erin.slash(room, command))
    assert missing in reply
    assert "`/configurer " in reply
