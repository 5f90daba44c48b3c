"""Organisers' recaps: pasted or attached, seen in private, posted for everybody to read."""

from collections.abc import Mapping
from typing import Any, Literal, TypeAlias

import discord
from discord import app_commands

from bot import cards, drafts, guilds
from bot.app import Bot, Interaction
from bot.errors import UserError
from bot.recaps import article, imports, library, proposal
from bot.recaps.proposal import LINK_LENGTH, PIECE_LENGTH, SERIES_LENGTH, TITLE_LENGTH, Proposal
from bot.tables import Card, Draft, Guild
from bot.texts import Voice
from cogs import _labels
from cogs._doors import Form, Told, buttons, here, put, require_organiser
from cogs._event_cards import escaped
from cogs._reading import Contents, PageButton, SectionButton
from cogs._recap_cards import card_embed, newest, understood

PIECES = ("text1", "text2", "text3")
CORRECTIONS = {
    "title": TITLE_LENGTH,
    "published": 100,
    "link": LINK_LENGTH,
    "series": SERIES_LENGTH,
    "edition": 10,
}

LATEST = 5

Act: TypeAlias = Literal["publish", "text", "edit", "cancel"]


class Recaps(_labels.Branch):
    """`/recap` for organisers, `/recaps` for everybody."""

    async def cog_load(self) -> None:
        """Let the buttons of cards, pages and previews answer after a restart."""
        await super().cog_load()
        self.bot.add_dynamic_items(DraftButton, PageButton, SectionButton, Contents)

    @_labels.subcommand("recap.publish")
    async def publish(
        self,
        interaction: Interaction,
        file: discord.Attachment | None = None,
        link: app_commands.Range[str, 1, LINK_LENGTH] | None = None,
    ) -> None:
        """Propose the recap in a file; without a file, open a form to paste it in."""
        await _ready(interaction)
        if file is None:
            voice = await self.bot.voice(interaction)
            await interaction.response.send_modal(TextForm(voice, {"link": link or ""}))
            return
        imports.check(escaped(file.filename), file.size)
        await interaction.response.defer(ephemeral=True)
        text = article.decode(await file.read())
        await propose(interaction, {"pieces": [text], "link": link or ""})

    @_labels.subcommand("recaps.latest")
    async def latest(self, interaction: Interaction) -> None:
        """Show the newest recaps privately, each with a button to read it."""
        async with self.bot.db.reading() as session:
            views = await library.latest(session, here(interaction), LATEST)
        voice = await self.bot.voice(interaction)
        if not views:
            raise UserError("recaps.none")
        embed, view = newest(views, voice)
        await interaction.response.send_message(embed=embed, view=view, ephemeral=True)


class TextForm(Form):
    """The form into which a recap is pasted, in up to three pieces; sent, it proposes."""

    def __init__(
        self, voice: Voice, fields: Mapping[str, Any], draft_id: int | None = None
    ) -> None:
        super().__init__(title=voice("recaps.form_paste"))
        self.draft_id = draft_id
        pasted = dict(zip(PIECES, fields.get("pieces", ()), strict=False))
        self.pieces = [
            discord.ui.TextInput[Any](
                custom_id=name,
                style=discord.TextStyle.paragraph,
                default=pasted.get(name, ""),
                required=name == PIECES[0],
                max_length=PIECE_LENGTH,
            )
            for name in PIECES
        ]
        self.link = _line("link", fields["link"], LINK_LENGTH, voice)
        for item in (*self.pieces, self.link):
            self.add_item(_labelled(item, voice))

    async def on_submit(self, interaction: Interaction, /) -> None:  # type: ignore[override] # our client is a Bot
        """Keep what was pasted, and show what was understood."""
        fields = {"pieces": [item.value for item in self.pieces], "link": self.link.value}
        await propose(interaction, fields, self.draft_id)


class CorrectionForm(Form):
    """The form in which what was understood is put right."""

    def __init__(self, voice: Voice, draft: Draft) -> None:
        super().__init__(title=voice("recaps.form_corrections"))
        self.draft_id = draft.id
        answers = proposal.answers(draft.fields, voice.language)
        self.inputs = [
            _line(name, answers[name], most, voice, required=name == "title")
            for name, most in CORRECTIONS.items()
        ]
        for item in self.inputs:
            self.add_item(_labelled(item, voice))

    async def on_submit(self, interaction: Interaction, /) -> None:  # type: ignore[override] # our client is a Bot
        """Keep the corrections, and show what they give."""
        fields = {item.custom_id: item.value for item in self.inputs}
        await propose(interaction, fields, self.draft_id)


class DraftButton(
    Told,
    discord.ui.DynamicItem[discord.ui.Button[Any]],
    template=r"recap-draft:(?P<act>publish|text|edit|cancel):(?P<draft_id>[0-9]+)",
):
    """What an organiser does with a recap not yet published."""

    reads = (("act", str), ("draft_id", int))

    def __init__(
        self,
        act: Act,
        draft_id: int,
        label: str | None = None,
        style: discord.ButtonStyle = discord.ButtonStyle.secondary,
    ) -> None:
        super().__init__(
            discord.ui.Button(custom_id=f"recap-draft:{act}:{draft_id}", label=label, style=style)
        )
        self.act: Act = act
        self.draft_id = draft_id

    async def press(self, interaction: Interaction) -> None:
        """Publish, open one of the two forms again, or give up."""
        guild = await _ready(interaction)
        require_organiser(interaction, guild.organiser_role)
        match self.act:
            case "publish":
                await _publish(interaction, self.draft_id)
            case "cancel":
                await _cancel(interaction, self.draft_id)
            case "text" | "edit":
                await _open(interaction, self.act, self.draft_id)


async def propose(
    interaction: Interaction, fields: Mapping[str, Any], draft_id: int | None = None
) -> None:
    """Keep what was written, then show privately what was understood, or what to change."""
    bot = interaction.client
    guild, draft = await _keep(interaction, fields, draft_id)
    voice = await bot.voice(interaction)
    try:
        proposed = proposal.propose(draft.fields)
    except UserError as error:
        await _refuse(interaction, draft, error, voice)
        return
    await put(
        interaction,
        _check(guild, proposed, voice),
        embeds=[
            card_embed(library.preview(proposed.article), interaction.client.public_voice(guild))
        ],
        view=buttons(
            DraftButton("publish", draft.id, voice("recaps.publish"), discord.ButtonStyle.success),
            DraftButton("edit", draft.id, voice("recaps.edit")),
            DraftButton("cancel", draft.id, voice("recaps.cancel")),
        ),
    )


def _check(guild: Guild, proposed: Proposal, voice: Voice) -> str:
    return voice(
        "recaps.preview",
        understood=understood(proposed.article, voice),
        channel=f"<#{guild.recaps_channel}>",
    )


async def _refuse(interaction: Interaction, draft: Draft, error: UserError, voice: Voice) -> None:
    """Say what to change, with a button to the form where it stands, if a form can hold it."""
    act: Act = "text" if error.key.startswith("article.") else "edit"
    can_open = act == "edit" or proposal.fits_form(draft.fields)
    view = buttons(DraftButton(act, draft.id, voice("recaps.correct"))) if can_open else buttons()
    await put(interaction, voice(error.key, **error.values), embeds=[], view=view)


async def _ready(interaction: Interaction) -> Guild:
    """Check that there is a channel to post in; give the community's settings."""
    async with interaction.client.db.reading() as session:
        guild = await guilds.settings(session, here(interaction))
    guilds.require(guild, "recaps_channel")
    return guild


async def _keep(
    interaction: Interaction, fields: Mapping[str, Any], draft_id: int | None
) -> tuple[Guild, Draft]:
    """Keep what was written, over what the draft holds already."""
    bot, guild_id = interaction.client, here(interaction)
    async with bot.db.writing(guild_id) as session:
        guild = await guilds.settings(session, guild_id)
        if draft_id is None:
            draft = await drafts.keep(
                session,
                "recap",
                fields,
                guild_id=guild_id,
                user_id=interaction.user.id,
                now=bot.clock(),
            )
        else:
            known = await drafts.find(session, draft_id, guild_id=guild_id)
            draft = await drafts.rewrite(
                session, draft_id, {**known.fields, **fields}, guild_id=guild_id
            )
    return guild, draft


async def _publish(interaction: Interaction, draft_id: int) -> None:
    """Store, index and owe in one transaction; what was posted before is not posted again."""
    # A long recap takes longer to index than Discord waits for a first answer.
    await interaction.response.defer()
    bot, guild_id, now = interaction.client, here(interaction), interaction.client.clock()
    async with bot.db.writing(guild_id) as session:
        guild = await guilds.settings(session, guild_id)
        draft = await drafts.find(session, draft_id, guild_id=guild_id)
        proposed = proposal.propose(draft.fields)
        stored = await library.publish(
            session, guild_id, proposed.article, now=now, source=proposed.source
        )
        owed = await library.owe_post(session, guild, stored.recap_id, now)
        posted = await cards.find(session, "recap", stored.recap_id)
        await drafts.drop(session, draft)
    if owed:
        bot.dispatch("delivery_due")
    voice = await bot.voice(interaction)
    said = voice("recaps.published", channel=f"<#{guild.recaps_channel}>")
    await interaction.edit_original_response(
        content=said if owed else _known(posted, voice), embeds=[], view=None
    )


def _known(posted: Card | None, voice: Voice) -> str:
    """That a text is there already, and where."""
    if posted is None:
        return voice("recaps.known")
    where = f"{posted.guild_id}/{posted.channel_id}/{posted.message_id}"
    return voice("recaps.known_at", link=f"https://discord.com/channels/{where}")


async def _open(interaction: Interaction, act: Act, draft_id: int) -> None:
    """Open a form again, as it was left."""
    async with interaction.client.db.reading() as session:
        draft = await drafts.find(session, draft_id, guild_id=here(interaction))
    voice = await interaction.client.voice(interaction)
    form = (
        TextForm(voice, draft.fields, draft.id) if act == "text" else CorrectionForm(voice, draft)
    )
    await interaction.response.send_modal(form)


async def _cancel(interaction: Interaction, draft_id: int) -> None:
    guild_id = here(interaction)
    async with interaction.client.db.writing(guild_id) as session:
        draft = await drafts.find(session, draft_id, guild_id=guild_id)
        await drafts.drop(session, draft)
    voice = await interaction.client.voice(interaction)
    await interaction.response.edit_message(content=voice("recaps.given_up"), embeds=[], view=None)


def _line(
    name: str, value: str, most: int, voice: Voice, *, required: bool = False
) -> discord.ui.TextInput[Any]:
    return discord.ui.TextInput(
        custom_id=name,
        default=value,
        required=required,
        max_length=most,
        placeholder=voice(f"recaps.form_{name}_example"),
    )


def _labelled(item: discord.ui.TextInput[Any], voice: Voice) -> discord.ui.Label[Any]:
    return discord.ui.Label(
        text=voice(f"recaps.form_{item.custom_id}"),
        description=voice(f"recaps.form_{item.custom_id}_about"),
        component=item,
    )


async def setup(bot: Bot) -> None:
    """Add the cog."""
    await bot.add_cog(Recaps(bot))
