"""What is said of organisers' decisions: requests put to them, and private words to members."""

from typing import Any, Literal

import discord

from bot import guilds, plain, texts
from bot.app import Bot, Interaction
from bot.db import Session
from bot.deliveries import Recipient
from bot.errors import UserError
from bot.events import people, programme
from bot.events.programme import Programme, ShownPart
from bot.events.seats import Said
from bot.tables import Delivery
from bot.texts import Voice
from cogs import _event_cards
from cogs._doors import Told, buttons, require_organiser
from cogs._drawings import Drawing, draws, subject_id
from cogs._event_cards import escaped, named
from cogs._reminder_notices import leaving, mark

# Of Discord's 2,000 characters a message.
REASON_LENGTH = 500

Verdict = Literal["accept", "refuse"]


class DecisionButton(
    Told,
    discord.ui.DynamicItem[discord.ui.Button[Any]],
    template=r"request:(?P<verdict>accept|refuse):(?P<guild_id>[0-9]+)"
    r":(?P<part_id>[0-9]+):(?P<user_id>[0-9]+)",
):
    """Accepts or refuses who asks for a seat. It names the community, for it works in private."""

    STYLES = {  # noqa: RUF012 # nobody changes it
        "accept": discord.ButtonStyle.success,
        "refuse": discord.ButtonStyle.danger,
    }

    reads = (("verdict", str), ("guild_id", int), ("part_id", int), ("user_id", int))

    def __init__(
        self,
        verdict: Verdict,
        guild_id: int,
        part_id: int,
        user_id: int,
        label: str | None = None,
    ) -> None:
        super().__init__(
            discord.ui.Button(
                custom_id=f"request:{verdict}:{guild_id}:{part_id}:{user_id}",
                label=label,
                style=self.STYLES[verdict],
            )
        )
        self.verdict = verdict
        self.guild_id = guild_id
        self.part_id = part_id
        self.user_id = user_id

    async def press(self, interaction: Interaction) -> None:
        """Decide; the buttons give way to what was decided."""
        bot = interaction.client
        voice = await _require_organiser_of(interaction, self.guild_id)
        async with bot.db.writing(self.guild_id) as session:
            await people.decide(
                session,
                self.part_id,
                self.user_id,
                accepted=self.verdict == "accept",
                guild_id=self.guild_id,
                now=bot.clock(),
            )
            shown = await people.of_part(session, self.guild_id, self.part_id)
        bot.dispatch("event_changed", shown.event_id)
        bot.dispatch("delivery_due")
        said = outcome(shown, shown.part(self.part_id), self.user_id, voice)
        await interaction.response.edit_message(content=said, view=None)


def asking(shown: Programme, part: ShownPart, said: Said, voice: Voice) -> str:
    """The request of someone who waits for a decision."""
    return voice(
        "people.request",
        member=f"<@{said.user_id}>{plus(said)}",
        event=named(shown, part),
        when=_event_cards.when(shown, voice),
    )


def decision_buttons(guild_id: int, part_id: int, user_id: int, voice: Voice) -> discord.ui.View:
    """The two answers to a request."""
    return buttons(
        DecisionButton("accept", guild_id, part_id, user_id, voice("people.accept")),
        DecisionButton("refuse", guild_id, part_id, user_id, voice("people.refuse")),
    )


def outcome(shown: Programme, part: ShownPart, user_id: int, voice: Voice) -> str:
    """Where someone stands now, said to an organiser."""
    names = {"member": f"<@{user_id}>", "event": named(shown, part)}
    place = part.roster.place(user_id)
    if place is not None:
        return voice("people.now_waiting", place=place, **names)
    if part.roster.has_seat(user_id):
        return voice("people.now_seated", **names)
    return voice("people.now_refused", **names)


def plus(said: Said) -> str:
    """How many guests come along: " +2"."""
    return f" +{said.guests}" if said.guests else ""


async def _require_organiser_of(interaction: Interaction, guild_id: int) -> Voice:
    """Check that who presses organises in this community, and give the voice they hear there.

    In private messages Discord says nothing of their roles: it is asked.

    Raises:
        UserError: if they do not, or are no longer a member.
    """
    bot, user_id = interaction.client, interaction.user.id
    async with bot.db.reading() as session:
        role = (await guilds.settings(session, guild_id)).organiser_role
        chosen = await guilds.languages(session, guild_id, user_id)
    if interaction.guild_id == guild_id:
        require_organiser(interaction, role)
    elif not _organises(await _member(bot, guild_id, user_id), role):
        raise UserError("errors.not_allowed")
    return texts.pick(bot.voices, chosen.member, chosen.guild, str(interaction.locale))


async def _member(bot: Bot, guild_id: int, user_id: int) -> discord.Member | None:
    guild = bot.get_guild(guild_id)
    try:
        return await guild.fetch_member(user_id) if guild else None
    except discord.NotFound:
        return None


def _organises(member: discord.Member | None, organiser_role: int | None) -> bool:
    if member is None:
        return False
    has_role = any(role.id == organiser_role for role in member.roles)
    return has_role or member.guild_permissions.manage_events


@draws("request")
async def _request(session: Session, delivery: Delivery, voice: Voice) -> Drawing | None:
    """Someone asks for a seat; unless they have been answered, or changed their mind."""
    part_id = subject_id(delivery)
    user_id = int(delivery.subject.split(":")[3])
    shown = await programme.of_part(session, part_id)
    waiting = shown.part(part_id).roster.pending if shown else ()
    said = next((it for it in waiting if it.user_id == user_id), None)
    if shown is None or said is None:
        return None
    return Drawing(
        content=asking(shown, shown.part(part_id), said, voice),
        view=decision_buttons(delivery.guild_id, part_id, user_id, voice),
    )


@draws("approved")
async def _approved(session: Session, delivery: Delivery, voice: Voice) -> Drawing | None:
    """Their request was accepted: they have a seat, or a place in line."""
    shown, part, user_id = await _about(session, delivery)
    if shown is None or part is None:
        return None
    names = {"event": named(shown, part), "when": _event_cards.when(shown, voice)}
    place = part.roster.place(user_id)
    if place is not None:
        content = voice("people.approved_waiting", place=place, **names)
    elif part.roster.has_seat(user_id):
        content = voice("people.approved", **names)
    else:
        return None
    return _to_leave(content, shown, delivery, voice)


@draws("placed")
async def _placed(session: Session, delivery: Delivery, voice: Voice) -> Drawing | None:
    """An organiser gave them a seat; unless they have left it meanwhile."""
    shown, part, user_id = await _about(session, delivery)
    if shown is None or part is None or not part.roster.has_seat(user_id):
        return None
    content = voice("people.placed", event=named(shown, part), when=_event_cards.when(shown, voice))
    return _to_leave(content, shown, delivery, voice)


@draws("refused")
async def _refused(session: Session, delivery: Delivery, voice: Voice) -> Drawing | None:
    """Their request was refused: said to nobody else, so never in the thread."""
    shown, part, _ = await _about(session, delivery)
    if shown is None or part is None:
        return None
    return Drawing(content=voice("people.refused", event=named(shown, part)))


@draws("removed")
async def _removed(session: Session, delivery: Delivery, voice: Voice) -> Drawing | None:
    """They were taken out, and why: said to nobody else, so never in the thread."""
    shown, part, _ = await _about(session, delivery)
    if shown is None or part is None:
        return None
    content = voice("people.removed", event=named(shown, part))
    if delivery.detail:
        reason = escaped(plain.cut(delivery.detail, REASON_LENGTH))
        content += "\n" + voice("people.reason", reason=reason)
    return Drawing(content=content)


def _to_leave(content: str, shown: Programme, delivery: Delivery, voice: Voice) -> Drawing:
    """A word about a seat, with the button that gives it back."""
    return Drawing(
        content=content,
        view=leaving(delivery, shown, voice),
        mark=mark(delivery.id),
        thread_id=shown.spoken_in,
    )


async def _about(
    session: Session, delivery: Delivery
) -> tuple[Programme | None, ShownPart | None, int]:
    """The event and part a private word is about, and whom it is for."""
    part_id = subject_id(delivery)
    shown = await programme.of_part(session, part_id)
    user_id = Recipient.read(delivery.recipient).id
    return shown, shown.part(part_id) if shown else None, user_id
