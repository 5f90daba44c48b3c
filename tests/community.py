"""A community to test with: a server set up, an organiser and members, on simcord."""

from collections.abc import Awaitable, Sequence
from dataclasses import dataclass
from typing import Protocol

import discord
import simcord

from bot.app import Bot
from bot.db import Database


class MakeBot(Protocol):
    """Makes a bot on the test's database."""

    def __call__(self, *, pace: float = 0.0) -> Awaitable[Bot]: ...


@dataclass
class Community:
    """Alice organises; Bob, Carol and Dave come. Everything they do goes through Discord."""

    env: simcord.Env
    make_bot: MakeBot
    bot: Bot
    guild: simcord.GuildHandle
    announcements: simcord.ChannelHandle
    recaps: simcord.ChannelHandle
    general: simcord.ChannelHandle
    organisers: simcord.RoleHandle
    alice: simcord.MemberActor
    bob: simcord.MemberActor
    carol: simcord.MemberActor
    dave: simcord.MemberActor

    @classmethod
    async def found(cls, env: simcord.Env, make_bot: MakeBot) -> "Community":
        """Make a server whose owner has set the bot up in French."""
        bot = env.bot
        assert isinstance(bot, Bot)
        guild = env.create_guild("Les Tablées", preferred_locale="fr")
        await env.settle()
        organisers = guild.create_role(
            "Organisation",
            permissions=discord.Permissions(
                manage_events=True, manage_guild=True, manage_messages=True
            ),
        )

        def member(name: str, *roles: simcord.RoleHandle) -> simcord.MemberActor:
            return guild.add_member(env.create_user(name), roles=list(roles))

        community = cls(
            env=env,
            make_bot=make_bot,
            bot=bot,
            guild=guild,
            announcements=guild.create_text_channel("annonces"),
            recaps=guild.create_text_channel("comptes-rendus"),
            general=guild.create_text_channel("general"),
            organisers=organisers,
            alice=member("alice", organisers),
            bob=member("bob"),
            carol=member("carol"),
            dave=member("dave"),
        )
        await community.set_up()
        return community

    @property
    def db(self) -> Database:
        """The bot's database."""
        return self.bot.db

    @property
    def me(self) -> discord.Member:
        """The bot, as a member of the server."""
        me = self.guild.me
        assert me is not None
        return me

    async def set_up(self) -> simcord.InteractionResult:
        """Choose the channels, the role and French; threads and mirrors are tests of their own."""
        return await self.alice.slash(
            self.general,
            "setup",
            announcements=self.announcements,
            recaps=self.recaps,
            organisers=self.organisers,
            language="fr",
            threads=False,
            mirror=False,
        )

    async def announce(
        self,
        *,
        title: str = "Petit-déjeuner",
        when: str = "jeudi 15 janvier à 18h30",
        capacity: int | None = None,
        place: str | None = None,
        channel: simcord.ChannelHandle | None = None,
    ) -> discord.Message:
        """Announce an event as Alice does, and give its card (in `channel`, if she set one)."""
        options = {"title": title, "when": when, "place": place, "capacity": capacity}
        given = {name: value for name, value in options.items() if value is not None}
        reply = await self.alice.slash(self.general, "event create", **given)
        assert reply.response is not None
        await self.alice.click(reply.response, label="Publier")
        return self.card(channel)

    def card(self, channel: simcord.ChannelHandle | None = None) -> discord.Message:
        """The newest card of a channel, as it stands now."""
        cards = [m for m in (channel or self.announcements).history() if m.embeds]
        return cards[-1]

    def crowd(self, size: int) -> Sequence[simcord.MemberActor]:
        """Many more members."""
        return [self.guild.add_member(self.env.create_user(f"membre{n}")) for n in range(size)]

    async def react_at_once(
        self, card: discord.Message, emoji: str, members: Sequence[simcord.MemberActor]
    ) -> None:
        """Let members react without the bot doing anything in between, in this order."""
        for member in members:
            self.env.backend.set_reaction(card.channel.id, card.id, emoji, member.id, True)
        await self.env.settle()

    async def go_away(self) -> None:
        """Stop the bot: what happens from now on, it does not hear."""
        self.env.backend.subscribers.clear()
        await self.bot.close()

    async def come_back(self) -> None:
        """Start a new bot on the same database, in the same world."""
        self.bot = await self.make_bot()
        await self.env.restart_bot(self.bot)
        await self.env.settle()

    async def restart(self) -> None:
        """Go away and come back."""
        await self.go_away()
        await self.come_back()


def shown(message: discord.Message) -> str:
    """All that a message says, content and embeds, with plain spaces."""
    parts = [message.content]
    for embed in message.embeds:
        parts += [embed.title or "", embed.description or ""]
        parts.append(embed.footer.text or "")
    return "\n".join(parts).replace("\u00a0", " ")
