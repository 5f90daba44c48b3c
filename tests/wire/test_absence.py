"""What members did while the bot was away, found again from lists that come in pages."""

from pathlib import Path

import pytest

from tests.wire.model import Member, Message
from tests.wire.server import WireDiscord
from tests.wire.town import Town
from tests.wire.traffic import Fault

pytestmark = pytest.mark.wire

LISTS = "/channels/*/messages/*/reactions/*"
CARD = "/channels/*/messages/*"
SAID = "SELECT user_id, choice FROM answer"
CROWD = 150


@pytest.fixture
async def town(server: WireDiscord, tmp_path: Path) -> Town:
    town = Town.found(server, tmp_path)
    await town.was_set_up()
    return town


class Away:
    """Bob and Carol had the two seats, Dave waited; the bot was killed, and people acted."""

    def __init__(self, town: Town) -> None:
        self.town = town
        self.alice, self.bob, self.carol, self.dave, *self.crowd = town.crowd(4 + CROWD)
        self.card: Message

    async def answer(self) -> None:
        server = self.town.server
        async with self.town.bot() as bot:
            await bot.logged_in()
            self.card = await self.town.announce(capacity=2)
            for member in (self.bob, self.carol, self.dave):
                await server.react(member, self.card, "✅")
            await self.town.shows(self.card, "✅ Présents 2 / 2")
            await bot.kill()

    async def act(self) -> None:
        server = self.town.server
        await server.react(self.alice, self.card, "✅")
        await server.unreact(self.bob, self.card, "✅")
        await server.unreact(self.carol, self.card, "✅")
        await server.react(self.carol, self.card, "❌")
        for member in self.crowd:
            await server.react(member, self.card, "✅")

    def said(self) -> dict[int, str]:
        return dict(self.town.stored(SAID))

    def line(self) -> list[int]:
        query = "SELECT user_id FROM answer WHERE turn IS NOT NULL ORDER BY turn"
        return [user_id for (user_id,) in self.town.stored(query)]

    def told(self, member: Member) -> list[str]:
        """What a member was told in private."""
        conversation = self.town.server.world.conversation(member.user)
        return [message.content for message in conversation.messages.values()]


@pytest.fixture
async def away(town: Town) -> Away:
    away = Away(town)
    await away.answer()
    await away.act()
    return away


async def test_everything_is_found_and_nobody_is_told_twice(away: Away) -> None:
    server = away.town.server
    # The first page of ✅ comes, the second is refused: nobody is known to have left.
    server.faults.append(Fault("GET", LISTS, status=403, code=50001, spared=1))
    async with away.town.bot() as bot:
        await bot.logged_in()
        await server.until(lambda: away.said().get(away.carol.id) == "no")
        await server.until(lambda: away.told(away.dave))
        assert away.line() == [away.bob.id, away.dave.id], "no list, no departure, no newcomer"
        await bot.kill()
    for _ in range(2):
        async with away.town.bot() as bot:
            await bot.logged_in()
            await away.town.shows(
                away.card, "✅ Présents 2 / 2", f"⏳ {CROWD} personnes en liste d’attente"
            )
            await bot.kill()
        assert away.line() == [away.dave.id, away.alice.id, *(m.id for m in away.crowd)]
        assert away.bob.id not in away.said()
        assert away.said()[away.carol.id] == "no"
        assert len(away.told(away.dave)) == 1
        assert not any(away.told(member) for member in (away.alice, away.bob, *away.crowd))


async def test_a_card_that_is_gone_takes_no_answer_with_it(away: Away) -> None:
    server = away.town.server
    await server.delete(away.card)
    async with away.town.bot() as bot:
        await bot.logged_in()
        await bot.wrote("card gone")
        assert away.line() == [away.bob.id, away.carol.id, away.dave.id]
        await bot.terminate()
    assert away.town.stored("SELECT state FROM card") == [("broken",)]
    assert not away.told(away.dave)
