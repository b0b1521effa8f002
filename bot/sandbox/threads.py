"""Names in a typed text, the events that a message causes, and the order of messages in threads."""

import re
from collections.abc import Mapping, Sequence
from html import escape

from bot.sandbox.models import Channel, Json, Message, Person
from bot.sandbox.sample_workspace import BOT_USER_ID, USER_GROUPS

_TYPED_NAME = re.compile(r"(?<![\w@#.<|^])[@#][a-z0-9_-]+", re.IGNORECASE)
_BOT_NAME = re.compile(r"(?<![\w@.])@dlvm\b", re.IGNORECASE)


def encode_bot_mention(text: str) -> str:
    """Replace the bot's name by Slack's mention."""
    return _BOT_NAME.sub(f"<@{BOT_USER_ID}>", text)


def escape_names(text: str, people: Mapping[str, Person], channels: Mapping[str, Channel]) -> str:
    """Replace known names in a command by IDs, as Slack's `should_escape` does."""
    mentions = {f"@{person.handle}": f"<@{person.user_id}|{person.handle}>" for person in people.values()}
    mentions |= {f"@{group.handle}": f"<!subteam^{group.group_id}|@{group.handle}>" for group in USER_GROUPS}
    mentions |= {
        f"#{channel.name}": f"<#{channel.channel_id}|{channel.name}>"
        for channel in channels.values()
        if not channel.is_im
    }
    return _TYPED_NAME.sub(lambda name: mentions.get(name[0].lower(), name[0]), text)


def build_event(channel: Channel, message: Message) -> Json | None:
    """Return the event that the bot receives for a person's message, or None if it receives none."""
    if BOT_USER_ID not in channel.members:
        return None
    mention = f"<@{BOT_USER_ID}>"
    text = escape(message.text, quote=False).replace(escape(mention), mention)
    event: Json = {"user": message.author, "text": text, "ts": message.ts, "channel": channel.channel_id}
    event |= {"thread_ts": message.thread_ts} if message.thread_ts else {}
    if channel.is_im:
        return {"type": "message", "channel_type": "im", **event}
    return {"type": "app_mention", **event} if mention in text else None


def group_into_threads(messages: Sequence[Message]) -> list[Message]:
    """Return the messages with each reply after the message that started its thread."""
    roots = {message.ts for message in messages if not message.thread_ts}
    replies: dict[str, list[Message]] = {}
    for message in messages:
        if message.thread_ts in roots:
            replies.setdefault(message.thread_ts, []).append(message)
    top_level = [message for message in messages if message.thread_ts not in roots]
    return [shown for message in top_level for shown in (message, *replies.get(message.ts, ()))]
