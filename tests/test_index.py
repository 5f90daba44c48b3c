from pathlib import Path

import pytest
from sqlalchemy import delete, insert, make_url, select, update
from sqlalchemy.exc import IntegrityError

from bot import migrate
from bot.db import Database
from bot.search import index
from bot.search.answer import NotFound
from bot.tables import Guild, Passage, Recap, RecapStatus, Section
from tests.archive import (
    ELSEWHERE,
    ENGLISH,
    FIGS,
    HERE,
    QUESTIONS,
    ask,
    indexed,
    lines,
    publish,
    quoted,
    sample,
    scores,
)
from tests.conftest import START


async def test_communities_never_see_each_other(database: Database) -> None:
    await publish(database, FIGS)
    await publish(database, ENGLISH, guild=ELSEWHERE)
    assert await quoted(database, "figues")
    assert not await quoted(database, "figues", guild=ELSEWHERE)
    assert not await quoted(database, "grants council")
    assert await quoted(database, "grants council", guild=ELSEWHERE)


async def test_other_communities_do_not_shift_a_score(database: Database) -> None:
    await publish(database, FIGS)
    before = await scores(database, "fanfare et vent")
    await publish(database, *sample(), FIGS, guild=ELSEWHERE)
    assert await scores(database, "fanfare et vent") == before != []


async def test_english_recaps_are_found_beside_french_ones(database: Database) -> None:
    await publish(database, FIGS, ENGLISH)
    [quote, *_] = await quoted(database, "Who doubled the granted money?")
    assert quote.text.startswith("The grants were doubled by the council.")
    assert (await quoted(database, "roseau"))[
        0
    ].heading == "Prise de son : le vent dans les roseaux"


async def test_taking_a_recap_out_leaves_nothing_of_it(database: Database) -> None:
    [figs] = await publish(database, FIGS)
    alone = await indexed(database)
    [other] = await publish(database, ENGLISH)
    assert await indexed(database) != alone
    async with database.writing(HERE) as session:
        await index.remove(session, other)
    assert await indexed(database) == alone
    assert not await quoted(database, "grants council")
    async with database.writing(HERE) as session:
        await index.remove(session, figs)
        await index.remove(session, figs)
    assert not any((await indexed(database)).values())


async def test_a_withdrawn_recap_is_found_no_more(database: Database) -> None:
    [recap_id] = await publish(database, FIGS)
    async with database.writing(HERE) as session:
        await session.execute(update(Recap).values(status=RecapStatus.WITHDRAWN))
        await index.add(session, recap_id)
    assert not any((await indexed(database)).values())


async def test_a_deleted_recap_is_found_no_more(database: Database) -> None:
    [recap_id] = await publish(database, FIGS)
    async with database.writing(HERE) as session:
        await index.remove(session, recap_id)
        await session.execute(delete(Recap))
    assert not any((await indexed(database)).values())


async def test_deleting_what_is_still_indexed_is_refused(database: Database) -> None:
    await publish(database, FIGS)
    with pytest.raises(IntegrityError):
        async with database.writing(HERE) as session:
            await session.execute(delete(Recap))
    assert await quoted(database, "figues")


async def test_a_community_that_is_forgotten_leaves_nothing(database: Database) -> None:
    await publish(database, FIGS)
    async with database.writing(HERE) as session:
        await session.execute(delete(Guild))
    assert not any((await indexed(database)).values())


async def test_an_edited_recap_is_found_by_its_new_words_alone(database: Database) -> None:
    [recap_id] = await publish(database, FIGS)
    async with database.writing(HERE) as session:
        await session.execute(
            update(Passage)
            .where(Passage.text.contains("fanfare"))
            .values(text="L’orchestre joue une sonate.")
        )
        await index.add(session, recap_id)
    assert await quoted(database, "orchestre")
    assert not any("joue une œuvre" in quote.text for quote in await quoted(database, "fanfare"))


async def test_adding_twice_and_building_anew_change_nothing(database: Database) -> None:
    [recap_id, _] = await publish(database, FIGS, ENGLISH)
    await publish(database, FIGS, guild=ELSEWHERE)
    once = await indexed(database)
    async with database.writing() as session:
        await index.add(session, recap_id)
    assert await indexed(database) == once
    async with database.writing() as session:
        await index.rebuild(session)
    assert await indexed(database) == once


async def test_a_recap_of_stop_words_is_no_error(database: Database) -> None:
    await publish(database, FIGS)
    async with database.writing(HERE) as session:
        recap = (await session.scalars(select(Recap))).one()
        await session.execute(update(Section).values(heading=None))
        await session.execute(update(Passage).values(text="Et puis, où ?"))
        recap.title = "Et"
        await index.add(session, recap.id)
    assert isinstance(await ask(database, "figues"), NotFound)


async def test_down_and_up_again_leaves_an_index_to_rebuild(database: Database) -> None:
    await publish(database, FIGS)
    once = await indexed(database)
    await migrate.to(database, "0001")
    await migrate.to_newest(database, now=START)
    assert not any((await indexed(database)).values())
    async with database.writing() as session:
        assert await index.refresh(session)
        assert not await index.refresh(session)
    assert await indexed(database) == once


@pytest.mark.postgres
@pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
async def test_both_databases_find_the_same(database: Database, tmp_path: Path) -> None:
    file = Database(make_url(f"sqlite+aiosqlite:///{tmp_path / 'other.db'}"))
    await migrate.to_newest(file, now=START)
    for one in (database, file):
        await publish(one, *sample())
    for line in lines(QUESTIONS)[::4]:
        assert await ask(database, line["question"]) == await ask(file, line["question"])
        assert await scores(database, line["question"]) == pytest.approx(
            await scores(file, line["question"])
        )
    await file.close()


async def test_a_large_archive_is_searched_by_its_best_passages(database: Database) -> None:
    [recap_id] = await publish(database, FIGS)
    async with database.writing(HERE) as session:
        [section, *_] = await session.scalars(select(Section.id).order_by(Section.position))
        filler = [
            {"guild_id": HERE, "section_id": section, "position": at, "text": f"La fanfare {at}."}
            for at in range(1, 301)
        ]
        await session.execute(insert(Passage), filler)
        await index.add(session, recap_id)
    assert (await quoted(database, "la fanfare joue une œuvre"))[0].text.startswith(
        "La fanfare joue"
    )
