"""The next edition of a series, begun from what the series knows."""

import pytest
from sqlalchemy import select

from bot.tables import Event, Series
from tests.community import Community, shown

TABLES = [{"title": "Image", "capacity": "12"}, {"title": "Son", "when": "16h-17h30"}]


@pytest.fixture
async def tablees(community: Community) -> Series:
    """A series with a place, usual hours and two tables."""
    async with community.db.writing(community.guild.id) as session:
        series = Series(
            guild_id=community.guild.id,
            name="Tablées",
            place="Halle aux filets",
            usual_time="14h-18h",
            parts=TABLES,
        )
        session.add(series)
        await session.flush()
    return series


async def test_the_next_edition_takes_what_its_series_knows_and_the_next_number(
    community: Community, tablees: Series
) -> None:
    for number, day in ((1, "15/01/2026"), (2, "19/02/2026")):
        opened = await community.alice.slash(
            community.general, "event create", series=str(tablees.id), when=f"{day} 14h-18h"
        )
        assert opened.response is not None
        await community.alice.click(opened.response, label="Publier")
        card = community.card()
        assert card.embeds[0].title == f"Tablées #{number}"
        assert "Halle aux filets" in shown(card)
        assert [field.name for field in card.embeds[0].fields] == ["1️⃣ Image", "2️⃣ Son"]
    async with community.db.reading() as session:
        query = select(Event.edition).where(Event.series_id == tablees.id).order_by(Event.id)
        assert [*await session.scalars(query)] == [1, 2]


async def test_a_number_written_in_the_title_is_the_editions(
    community: Community, tablees: Series
) -> None:
    options = {"series": str(tablees.id), "title": "Tablées #10", "when": "15/01/2026 14h-18h"}
    opened = await community.alice.slash(community.general, "event create", **options)
    assert opened.response is not None
    await community.alice.click(opened.response, label="Publier")
    again = await community.alice.slash(
        community.general, "event create", series=str(tablees.id), when="19/02/2026 14h-18h"
    )
    assert again.response is not None
    assert again.response.embeds[0].title == "Tablées #11"


async def test_the_form_of_an_edition_is_filled_in_and_loses_nothing_of_its_series(
    community: Community, tablees: Series
) -> None:
    opened = await community.alice.slash(community.general, "event create", series=str(tablees.id))
    sent = await community.alice.submit_modal(
        opened, {"title": "Tablées d’hiver #3", "when": "15/01/2026", "place": "", "capacity": ""}
    )
    assert sent.response is not None
    assert "14h-18h" in sent.response.content.replace("\u00a0", " "), "its usual hours"


async def test_a_series_that_does_not_exist_is_said(community: Community) -> None:
    refused = await community.alice.slash(community.general, "event create", series="Rien")
    assert refused.response is not None
    assert "Aucun cycle" in refused.response.content
