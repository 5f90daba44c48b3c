"""Organisers' events: proposed in a form, seen in private, announced."""

from collections.abc import Mapping
from typing import Any, Literal

import discord
from discord import app_commands

from bot import drafts, guilds
from bot.app import Bot, Interaction
from bot.errors import UserError
from bot.events import announcing, programme, proposal
from bot.tables import Draft, Guild
from bot.texts import Voice
from cogs import _labels
from cogs._doors import Form, Told, buttons, here, put, require_organiser
from cogs._event_cards import event_card, when

FIELDS = ("title", "when", "place", "capacity")
LONGEST = {
    "title": proposal.TITLE_LENGTH,
    "when": 100,
    "place": proposal.PLACE_LENGTH,
    "capacity": 10,
}
# Discord's limit for a field of a form.
FORM_LENGTH = 4000


class Events(_labels.Branch):
    """`/event`."""

    async def cog_load(self) -> None:
        """Let the buttons of private previews answer after a restart."""
        await super().cog_load()
        self.bot.add_dynamic_items(DraftButton)

    @_labels.subcommand("event.create")
    async def create(
        self,
        interaction: Interaction,
        title: str | None = None,
        when: str | None = None,
        place: str | None = None,
        capacity: app_commands.Range[int, 1, proposal.MOST_SEATS] | None = None,
    ) -> None:
        """Propose an event from its options; without title or date, open a form."""
        given = {"title": title, "when": when, "place": place, "capacity": capacity}
        fields = {name: str(value) for name, value in given.items() if value is not None}
        await _ready(interaction)
        if title and when:
            await propose(interaction, fields)
        else:
            voice = await self.bot.voice(interaction)
            await interaction.response.send_modal(EventForm(voice, fields))


class EventForm(Form):
    """The form of an event, filled in with what is known; sent, it proposes."""

    def __init__(
        self, voice: Voice, fields: Mapping[str, str], draft_id: int | None = None
    ) -> None:
        super().__init__(title=voice("events.form_new"))
        self.draft_id = draft_id
        self.inputs = {name: _input(name, voice, fields.get(name, "")) for name in FIELDS}
        for name, item in self.inputs.items():
            self.add_item(
                discord.ui.Label(
                    text=voice(f"events.form_{name}"),
                    description=voice(f"events.form_{name}_about"),
                    component=item,
                )
            )

    async def on_submit(self, interaction: Interaction, /) -> None:  # type: ignore[override] # our client is a Bot
        """Keep what was written, and show what it would give."""
        fields = {name: item.value for name, item in self.inputs.items()}
        await propose(interaction, fields, self.draft_id)


def _input(name: str, voice: Voice, value: str) -> discord.ui.TextInput[Any]:
    return discord.ui.TextInput(
        custom_id=name,
        default=value[:FORM_LENGTH],
        required=name in {"title", "when"},
        # What was refused for its length opens again as it was written.
        max_length=min(max(LONGEST[name], len(value)), FORM_LENGTH),
        placeholder=voice(f"events.form_{name}_example"),
    )


class DraftButton(
    Told,
    discord.ui.DynamicItem[discord.ui.Button[Any]],
    template=r"event-draft:(?P<act>publish|edit|cancel):(?P<draft_id>[0-9]+)",
):
    """What an organiser does with an event not yet announced."""

    STYLES: Mapping[str, discord.ButtonStyle] = {
        "publish": discord.ButtonStyle.success,
        "edit": discord.ButtonStyle.secondary,
        "cancel": discord.ButtonStyle.secondary,
    }

    reads = (("act", str), ("draft_id", int))

    def __init__(
        self, act: Literal["publish", "edit", "cancel"], draft_id: int, label: str | None = None
    ) -> None:
        super().__init__(
            discord.ui.Button(
                custom_id=f"event-draft:{act}:{draft_id}", label=label, style=self.STYLES[act]
            )
        )
        self.act = act
        self.draft_id = draft_id

    async def press(self, interaction: Interaction) -> None:
        """Announce, open the form again, or give up."""
        guild = await _ready(interaction)
        require_organiser(interaction, guild.organiser_role)
        match self.act:
            case "publish":
                await _publish(interaction, self.draft_id)
            case "edit":
                await _edit(interaction, self.draft_id)
            case _:
                await _cancel(interaction, self.draft_id)


async def propose(
    interaction: Interaction, fields: Mapping[str, str], draft_id: int | None = None
) -> None:
    """Keep a proposal, then show privately what its card will be, or what to change in it."""
    bot = interaction.client
    guild, draft = await _keep(interaction, fields, draft_id)
    voice = await bot.voice(interaction)
    try:
        proposed = proposal.propose(fields, now=bot.clock(), zone=guilds.zone(guild))
    except UserError as error:
        view = buttons(DraftButton("edit", draft.id, voice("events.correct")))
        await put(interaction, voice(error.key, **error.values), embeds=[], view=view)
        return
    shown = programme.preview(proposed)
    await put(
        interaction,
        voice(
            "events.preview", channel=f"<#{guild.announcements_channel}>", when=when(shown, voice)
        ),
        embeds=[event_card(shown, bot.public_voice(guild))],
        view=buttons(
            DraftButton("publish", draft.id, voice("events.publish")),
            DraftButton("edit", draft.id, voice("events.edit")),
            DraftButton("cancel", draft.id, voice("events.cancel")),
        ),
    )


async def _ready(interaction: Interaction) -> Guild:
    """Check that there is a channel to announce in; give the community's settings."""
    async with interaction.client.db.reading() as session:
        guild = await guilds.settings(session, here(interaction))
    guilds.require(guild, "announcements_channel")
    return guild


async def _keep(
    interaction: Interaction, fields: Mapping[str, str], draft_id: int | None
) -> tuple[Guild, Draft]:
    guild_id = here(interaction)
    async with interaction.client.db.writing(guild_id) as session:
        guild = await guilds.settings(session, guild_id)
        if draft_id is None:
            draft = await drafts.keep(
                session,
                "event",
                fields,
                guild_id=guild_id,
                user_id=interaction.user.id,
                now=interaction.client.clock(),
            )
        else:
            draft = await drafts.rewrite(session, draft_id, fields, guild_id=guild_id)
    return guild, draft


async def _publish(interaction: Interaction, draft_id: int) -> None:
    bot, guild_id = interaction.client, here(interaction)
    async with bot.db.writing(guild_id) as session:
        guild = await guilds.settings(session, guild_id)
        draft = await drafts.find(session, draft_id, guild_id=guild_id)
        # Read again: what was to come when it was shown may be past by now.
        proposed = proposal.propose(draft.fields, now=bot.clock(), zone=guilds.zone(guild))
        await announcing.announce(session, guild, proposed, by=interaction.user.id, now=bot.clock())
        await drafts.drop(session, draft)
    bot.dispatch("delivery_due")
    voice = await bot.voice(interaction)
    said = voice("events.published", channel=f"<#{guild.announcements_channel}>")
    await interaction.response.edit_message(content=said, embeds=[], view=None)


async def _edit(interaction: Interaction, draft_id: int) -> None:
    async with interaction.client.db.reading() as session:
        draft = await drafts.find(session, draft_id, guild_id=here(interaction))
    voice = await interaction.client.voice(interaction)
    await interaction.response.send_modal(EventForm(voice, draft.fields, draft_id))


async def _cancel(interaction: Interaction, draft_id: int) -> None:
    guild_id = here(interaction)
    async with interaction.client.db.writing(guild_id) as session:
        draft = await drafts.find(session, draft_id, guild_id=guild_id)
        await drafts.drop(session, draft)
    voice = await interaction.client.voice(interaction)
    await interaction.response.edit_message(content=voice("events.given_up"), embeds=[], view=None)


async def setup(bot: Bot) -> None:
    """Add the cog."""
    await bot.add_cog(Events(bot))
