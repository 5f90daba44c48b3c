"""Answers questions by quoting the archive, word for word."""

from collections.abc import Iterable, Sequence

import discord
from discord import app_commands
from discord.ext import commands

from bot import moments, plain
from bot.app import Bot, Interaction, reply
from bot.search import answer
from bot.search.answer import LONGEST, Found, NotFound, Quote
from bot.search.repair import Correction
from bot.texts import Voice
from cogs._doors import here
from cogs._event_cards import escaped
from cogs._labels import command
from cogs._reading import TEXT_LENGTH, quoted

COLOUR = 0x6F4E7C
# Of Discord's 256 characters a title, escapes counted.
TITLE_LENGTH = 250
# With it, three quotes of 900 characters in all and their links stay within an embed.
NAME_LENGTH = 120


class Ask(commands.Cog):
    """`/ask`."""

    def __init__(self, bot: Bot) -> None:
        self.bot = bot

    @command("ask")
    @app_commands.guild_only()
    async def ask(
        self, interaction: Interaction, question: app_commands.Range[str, 1, LONGEST]
    ) -> None:
        """Quote what the archive says, or say that it does not."""
        voice = await self.bot.voice(interaction)
        async with self.bot.db.reading() as session:
            found = await answer.answer(
                session, here(interaction), question, language=voice.language
            )
        match found:
            case Found():
                await reply(interaction, "", embed=_answer(question, found, voice))
            case NotFound():
                await reply(interaction, _not_found(found, voice))


def _answer(question: str, found: Found, voice: Voice) -> discord.Embed:
    """The quotes, section by section, each section with where it stands."""
    sections: dict[tuple[int, int], list[Quote]] = {}
    for quote in found.quotes:
        sections.setdefault((quote.recap_id, quote.section), []).append(quote)
    cited = [_cited(n, quotes, voice) for n, quotes in enumerate(sections.values(), 1)]
    asked = plain.line(question)
    embed = discord.Embed(
        title=quoted(asked[:1].upper() + asked[1:], TITLE_LENGTH),
        description=plain.cut(
            "\n\n".join([*_corrected(found.corrections, voice), *cited]), TEXT_LENGTH
        ),
        colour=COLOUR,
    )
    return embed.set_footer(text=voice("ask.verbatim"))


def _cited(number: int, quotes: Sequence[Quote], voice: Voice) -> str:
    """Where a section stands, and its quotes, word for word."""
    quote = quotes[0]
    title = quoted(quote.title, NAME_LENGTH)
    heading = quoted(quote.heading, NAME_LENGTH) if quote.heading else voice("ask.lead")
    parts = [
        f"**{heading}**",
        f"[{title}]({quote.link})" if quote.link else title,
        moments.short(quote.published, voice.language) if quote.published else None,
    ]
    where = f"**{number}.** {' · '.join(part for part in parts if part)}"
    return "\n".join([where, "\n\n".join(_quoted(quote) for quote in quotes)])


def _quoted(quote: Quote) -> str:
    lines = escaped(quote.text).splitlines()
    return "\n".join(f"> {line}" for line in lines if line.strip())


def _not_found(found: NotFound, voice: Voice) -> str:
    return "\n".join([*_corrected(found.corrections, voice), voice("ask.not_found")])


def _corrected(corrections: Iterable[Correction], voice: Voice) -> list[str]:
    """Say which words were searched as others."""
    pairs = [f"{escaped(it.written)} → {escaped(' '.join(it.searched))}" for it in corrections]
    return [voice("ask.corrected", words=", ".join(pairs))] if pairs else []


async def setup(bot: Bot) -> None:
    """Add the cog."""
    await bot.add_cog(Ask(bot))
