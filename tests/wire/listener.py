"""A discord.py bot that does next to nothing: what the wire itself is tried on, and the floor
against which the bot's own speed is measured.
"""

import asyncio
import os

import discord
import yarl
from discord import app_commands
from discord.asset import Asset
from discord.ext import commands
from discord.gateway import DiscordWebSocket
from discord.http import Route

from tests.wire.bell import Bell

INTENTS = discord.Intents(guilds=True, guild_messages=True, guild_reactions=True)


class Listener(commands.AutoShardedBot):
    """Counts reactions, answers /ping, and posts or redraws a card when asked to."""

    def __init__(self, intents: discord.Intents = INTENTS) -> None:
        super().__init__(
            "!",
            intents=intents,
            allowed_mentions=discord.AllowedMentions.none(),
            max_messages=None,
            chunk_guilds_at_startup=False,
            member_cache_flags=discord.MemberCacheFlags.none(),
            # seconds without a further guild after which discord.py is ready; 2 if not told
            guild_ready_timeout=0,
        )
        self.bell = Bell()
        self.heard: list[tuple[int, str, bool]] = []
        self.resumptions = 0

    async def setup_hook(self) -> None:
        self.tree.command(description="Answer")(ping)
        await self.tree.sync()

    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:
        """Do not wait: discord.py would let 5 s pass before a second identification."""

    async def on_raw_reaction_add(self, reaction: discord.RawReactionActionEvent) -> None:
        self._hear(reaction, added=True)

    async def on_raw_reaction_remove(self, reaction: discord.RawReactionActionEvent) -> None:
        self._hear(reaction, added=False)

    async def on_interaction(self, interaction: discord.Interaction) -> None:
        """Redraw the card of a button, or open the form of the button called "form"."""
        match interaction.data:
            case {"component_type": 2, "custom_id": "form"}:
                await interaction.response.send_modal(Form())
            case {"component_type": 2}:
                await interaction.response.edit_message(content=f"heard {len(self.heard)}")
            case _:
                pass

    async def on_resumed(self) -> None:
        self.resumptions += 1
        self.bell.ring()

    def _hear(self, reaction: discord.RawReactionActionEvent, *, added: bool) -> None:
        self.heard.append((reaction.user_id, str(reaction.emoji), added))
        self.bell.ring()


class Form(discord.ui.Modal, title="Form"):
    word: discord.ui.TextInput["Form"] = discord.ui.TextInput(label="Word", custom_id="word")

    async def on_submit(self, interaction: discord.Interaction) -> None:
        await interaction.response.defer(ephemeral=True, thinking=True)
        await interaction.followup.send(self.word.value)


async def _words(_: discord.Interaction, begun: str) -> list[app_commands.Choice[str]]:
    words = [word for word in ("pong", "salut") if word.startswith(begun)]
    return [app_commands.Choice(name=word, value=word) for word in words]


@app_commands.autocomplete(word=_words)
async def ping(
    interaction: discord.Interaction, word: str = "pong", to: discord.Member | None = None
) -> None:
    greeted = to.mention if to else "@everyone"
    await interaction.response.send_message(f"{word} {greeted}", ephemeral=True)


def redirect(api: str, gateway: str) -> None:
    """Send discord.py elsewhere, for the rest of the process."""
    Route.BASE = api
    setattr(Asset, "BASE", api.partition("/api/")[0] + "/cdn")  # noqa: B010 # typed as a literal
    DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(gateway)


if __name__ == "__main__":
    redirect(os.environ["DISCORD_API_BASE"], os.environ["DISCORD_GATEWAY"])
    asyncio.run(Listener().start(os.environ["DISCORD_TOKEN"]))
