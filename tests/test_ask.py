from datetime import UTC, datetime
from pathlib import Path

import pytest
import simcord

from bot import guilds
from bot.recaps.imports import import_files
from tests.community import Community, shown

SAMPLE = Path(__file__).parents[1] / "bot" / "sample" / "recaps"


@pytest.fixture
async def archive(community: Community) -> Community:
    """A community with the sample recaps in its archive."""
    async with community.db.reading() as session:
        guild = await guilds.settings(session, community.guild.id)
    await import_files(community.db, guild, [SAMPLE], post=False, now=datetime.now(UTC))
    return community


async def ask(community: Community, question: str) -> simcord.ResponseMessage:
    reply = await community.bob.slash(community.general, "ask", question=question)
    assert reply.ephemeral
    assert reply.response is not None
    return reply.response


async def test_an_answer_quotes_and_says_where_from(archive: Community) -> None:
    said = shown((await ask(archive, "qui paie le repas des figurants ?")).message)
    text = " ".join(path.read_text() for path in SAMPLE.glob("*.md")).replace("\u00a0", " ")
    quoted = [line[2:] for line in said.splitlines() if line.startswith("> ")]
    assert quoted
    assert all(line.replace("\\", "") in text for line in quoted)
    assert "**1.** " in said


async def test_what_the_archive_does_not_say_is_not_answered(archive: Community) -> None:
    said = await ask(archive, "horaires du vaporetto")
    assert "Les comptes rendus n’en disent rien" in said.content


async def test_a_slip_is_put_right_and_told(archive: Community) -> None:
    said = shown((await ask(archive, "audiodescritpion")).message)
    assert "audiodescritpion → audiodescription" in said


async def test_silly_questions_get_a_sentence(archive: Community) -> None:
    for question in ("le", "???", "🎬", "\u202e", '" OR NEAR(* ^'):
        assert (await ask(archive, question)).content, question


async def test_a_question_pings_nobody_and_formats_nothing(archive: Community) -> None:
    said = shown((await ask(archive, "@everyone **figurants** <@&1>")).message)
    assert "@everyone" not in said
    assert "**figurants**" not in said


async def test_another_community_is_never_quoted(archive: Community) -> None:
    other = archive.env.create_guild("Ailleurs", preferred_locale="fr")
    await archive.env.settle()
    channel = other.create_text_channel("general")
    eve = other.add_member(archive.env.create_user("eve"))
    reply = await eve.slash(channel, "ask", question="figurants")
    assert reply.response is not None
    assert "The recaps say nothing about it" in reply.response.content
