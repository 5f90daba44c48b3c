import re
import traceback
from collections.abc import AsyncGenerator, Iterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import pytest
import simcord
from sqlalchemy import text
from sqlalchemy.exc import OperationalError
from structlog.testing import capture_logs

from bot.errors import UserError
from tests.community import Community, shown
from tests.conftest import BotMaker

Entries = Sequence[Any]

# Discord's type of an answer that says "wait".
DEFERRED = 5


@pytest.fixture
async def community(env: simcord.Env, make_bot: BotMaker) -> AsyncGenerator[Community]:
    """A community in which the only unexpected errors are of a table that is gone."""
    community = await Community.found(env, make_bot)
    yield community
    await community.bot.close()
    for error in env.errors:
        causes = (error, error.__cause__, getattr(error, "original", None))
        assert any(isinstance(cause, OperationalError | UserError) for cause in causes)


@pytest.fixture
def logged() -> Iterator[Entries]:
    """What is logged meanwhile."""
    with capture_logs() as entries:
        yield entries


@asynccontextmanager
async def without(community: Community, table: str) -> AsyncGenerator[None]:
    """Hide a table for a while: whoever needs it fails in a way that nobody foresaw."""

    async def rename(old: str, new: str) -> None:
        async with community.db.writing() as session:
            await session.execute(text(f"ALTER TABLE {old} RENAME TO {new}"))

    await rename(table, "hidden")
    yield
    await rename("hidden", table)


def failures(entries: Entries) -> list[Any]:
    return [entry for entry in entries if entry["event"] == "failed"]


def number_told(result: simcord.InteractionResult) -> str:
    """The number under which the person can ask what went wrong."""
    assert result.ephemeral
    reply = result.followups[-1] if result.followups else result.response
    assert reply is not None
    found = re.fullmatch(r"Quelque chose s’est mal passé .*\s:\s(\w{6})", reply.content)
    assert found is not None, reply.content
    return found[1]


def check_logged(entries: Entries, number: str) -> Any:
    (entry,) = failures(entries)
    assert entry["number"] == number
    assert isinstance(entry["exc_info"], OperationalError)
    return entry


async def propose(community: Community) -> simcord.InteractionResult:
    return await community.alice.slash(
        community.general, "event create", title="Café", when="jeudi 15 janvier à 18h30"
    )


async def test_a_command_that_fails_tells_a_number_and_the_log_has_it(
    community: Community, logged: Entries
) -> None:
    async with without(community, "draft"):
        number = number_told(await propose(community))
    entry = check_logged(logged, number)
    assert entry["command"] == "event create"
    assert entry["guild"] == community.guild.id


async def test_a_form_that_fails_tells_a_number(community: Community, logged: Entries) -> None:
    opened = await community.alice.slash(community.general, "event create")
    fields = {"title": "Café", "when": "jeudi 15 janvier à 18h30", "place": "", "capacity": ""}
    async with without(community, "draft"):
        number = number_told(await community.alice.submit_modal(opened, fields))
    check_logged(logged, number)


async def test_a_button_that_fails_tells_a_number_and_works_when_mended(
    community: Community, logged: Entries
) -> None:
    preview = (await propose(community)).response
    assert preview is not None
    async with without(community, "draft"):
        number = number_told(await community.alice.click(preview, label="Publier"))
    check_logged(logged, number)
    await community.alice.click(preview, label="Publier")
    assert "Café" in shown(community.card())


async def test_an_answer_that_could_not_be_kept_is_not_said_to_be(
    community: Community, logged: Entries
) -> None:
    card = await community.announce(capacity=2)
    async with without(community, "answer"):
        number = number_told(await community.bob.click(card, label="Je viens"))
    check_logged(logged, number)
    await community.bob.click(card, label="Je viens")
    assert "✅ Présents 1 / 2" in shown(community.card())


async def test_a_listener_that_fails_is_logged_and_hears_the_next_event(
    community: Community, logged: Entries
) -> None:
    card = await community.announce(capacity=2)
    async with without(community, "answer"):
        await community.bob.react(card, "✅")
    (entry,) = failures(logged)
    assert isinstance(entry["exc_info"], OperationalError)
    await community.carol.react(card, "✅")
    assert "✅ Présents 1 / 2" in shown(community.card())


async def test_a_loop_that_fails_is_logged_and_goes_on(
    community: Community, logged: Entries
) -> None:
    async with without(community, "delivery"):
        await community.env.advance_time(40)
    assert len(failures(logged)) >= 2
    await community.announce()
    assert "Petit-déjeuner" in shown(community.card())


async def test_a_card_that_cannot_be_drawn_does_not_stop_the_drawing(
    community: Community, logged: Entries
) -> None:
    card = await community.announce(capacity=2)
    path = f"/channels/{card.channel.id}/messages/{card.id}"
    community.env.inject_error("PATCH", path, status=400, code=50035, times=1)
    await community.bob.react(card, "✅")
    assert len(failures(logged)) == 1
    await community.carol.react(card, "✅")
    assert "✅ Présents 2 / 2" in shown(community.card())


async def test_what_a_person_can_put_right_is_a_sentence_and_no_line_in_the_log(
    community: Community, logged: Entries
) -> None:
    result = await community.alice.slash(community.general, "setup", zone="Arles")
    assert result.response is not None
    assert "n’est pas un fuseau horaire connu" in result.response.content
    assert failures(logged) == []


async def test_the_person_is_told_once_whatever_was_said_before(
    community: Community, logged: Entries
) -> None:
    """A command that defers and then fails has its answer to come: the number is that answer."""
    async with without(community, "draft"):
        result = await community.alice.slash(
            community.general, "recap publish", file=("retour.txt", b"Titre\n\nTexte.")
        )
    callbacks = [r.json for r in community.env.http_requests if r.path.endswith("/callback")]
    assert callbacks[-1] is not None
    assert callbacks[-1]["type"] == DEFERRED
    check_logged(logged, number_told(result))


async def test_the_log_holds_no_word_of_what_people_wrote(
    community: Community, logged: Entries
) -> None:
    secret = "Remise du prix a Dominique"
    async with without(community, "draft"):
        await community.alice.slash(
            community.general, "event create", title=secret, when="jeudi 15 janvier à 18h30"
        )
    (entry,) = failures(logged)
    assert "Dominique" not in str(entry)
    assert "Dominique" not in "".join(traceback.format_exception(entry["exc_info"]))
