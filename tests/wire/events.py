"""Gateway events about messages. Each one changes the world and returns what the bot is told."""

from tests.contract import Json
from tests.wire.gateway import Frame, frame
from tests.wire.model import Message, User, emoji_json


def posted(message: Message) -> Frame:
    """Put a message into its channel."""
    message.channel.messages[message.id] = message
    return _shown("MESSAGE_CREATE", message)


def edited(message: Message) -> Frame:
    return _shown("MESSAGE_UPDATE", message)


def deleted(message: Message) -> Frame:
    """Take a message out of its channel."""
    del message.channel.messages[message.id]
    return frame("MESSAGE_DELETE", {"id": str(message.id)} | _place(message), _guild_id(message))


def reacted(message: Message, user: User, emoji: str) -> Frame:
    """Add somebody's reaction; giving the same one twice changes nothing, but is told again."""
    message.reactions.setdefault(emoji, {})[user.id] = user
    guild = message.channel.guild
    body = _reaction(message, user, emoji) | {"message_author_id": str(message.author.id)}
    if guild:
        body["member"] = guild.members[user.id].json()
    return frame("MESSAGE_REACTION_ADD", body, _guild_id(message))


def unreacted(message: Message, user: User, emoji: str) -> Frame:
    """Take somebody's reaction away."""
    message.reactions.get(emoji, {}).pop(user.id, None)
    body = _reaction(message, user, emoji)
    return frame("MESSAGE_REACTION_REMOVE", body, _guild_id(message))


def cleared(message: Message) -> Frame:
    """Take everybody's reactions away at once."""
    message.reactions.clear()
    body = {"message_id": str(message.id)} | _place(message)
    return frame("MESSAGE_REACTION_REMOVE_ALL", body, _guild_id(message))


def _shown(event: str, message: Message) -> Frame:
    guild = message.channel.guild
    body = message.json() | _place(message)
    if guild:
        body["member"] = guild.members[message.author.id].partial()
        if not any(user["bot"] for user in (body["author"], *body["mentions"])):
            # without the message content intent, a bot is told that something was said, not what
            body |= {"content": "", "embeds": [], "components": [], "attachments": []}
    return frame(event, body, _guild_id(message))


def _reaction(message: Message, user: User, emoji: str) -> Json:
    return {
        "user_id": str(user.id),
        "message_id": str(message.id),
        "emoji": emoji_json(emoji),
        "burst": False,
        "type": 0,
    } | _place(message)


def _place(message: Message) -> Json:
    guild = message.channel.guild
    place = {"channel_id": str(message.channel.id)}
    return place | {"guild_id": str(guild.id)} if guild else place


def _guild_id(message: Message) -> int | None:
    return message.channel.guild.id if message.channel.guild else None
