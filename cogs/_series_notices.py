"""A private word to an organiser: an edition of their series is ready to be read over."""

from bot import guilds, moments, plain
from bot.db import Session
from bot.events import editions
from bot.tables import Delivery
from bot.texts import Voice
from cogs._doors import buttons
from cogs._drawings import Drawing, draws, subject_id
from cogs._event_buttons import DraftButton
from cogs._event_cards import fitted

TITLE_LENGTH = 200


@draws("edition")
async def _edition(session: Session, delivery: Delivery, voice: Voice) -> Drawing | None:
    """Say when it is, with the way to it; nothing if it was published or given up meanwhile."""
    found = await editions.prepared(session, subject_id(delivery), guild_id=delivery.guild_id)
    if found is None:
        return None
    guild = await guilds.settings(session, delivery.guild_id)
    content = voice(
        "series.ready",
        title=fitted(plain.line(found.title), TITLE_LENGTH),
        when=moments.full(found.start, zone=guilds.zone(guild), locale=voice.language),
        guild=fitted(guild.name, TITLE_LENGTH),
    )
    mark = f"event-draft:open:{found.draft_id}:"
    return Drawing(
        content=content,
        view=buttons(DraftButton("open", found.draft_id, label=voice("series.button_open"))),
        mark=mark,
    )
