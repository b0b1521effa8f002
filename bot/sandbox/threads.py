"""What the bot hears of what people write, and how threads are drawn."""

import re
from collections.abc import Mapping, Sequence
from html import escape

from bot.sandbox import sample_workspace
from bot.sandbox.models import Channel, Json, Message, Person

_TYPED_NAME = re.compile(r"(?<![\w@#.<|^])[@#][a-z0-9_-]+", re.IGNORECASE)
_BOT_NAME = re.compile(r"(?<![\w@.])@dlvm\b", re.IGNORECASE)


def encode_bot_mention(text: str) -> str:
    """The text with the bot's name as Slack writes it."""
    return _BOT_NAME.sub(f"<@{sample_workspace.BOT_USER_ID}>", text)


def escape_names(text: str, people: Mapping[str, Person], channels: Mapping[str, Channel]) -> str:
    """A command's text as Slack escapes it: names of people, user groups and channels that are there become ids."""
    known = {f"@{person.handle}": f"<@{person.user_id}|{person.handle}>" for person in people.values()}
    known |= {
        f"@{group.handle}": f"<!subteam^{group.group_id}|@{group.handle}>" for group in sample_workspace.USER_GROUPS
    }
    known |= {f"#{each.name}": f"<#{each.channel_id}|{each.name}>" for each in channels.values() if not each.is_im}
    return _TYPED_NAME.sub(lambda found: known.get(found[0].lower(), found[0]), text)


def build_event(channel: Channel, message: Message) -> Json | None:
    """The event the bot gets of a person's message; None where it hears nothing of it."""
    if sample_workspace.BOT_USER_ID not in channel.members:
        return None
    text = escape(message.text, quote=False).replace(
        f"&lt;@{sample_workspace.BOT_USER_ID}&gt;", f"<@{sample_workspace.BOT_USER_ID}>"
    )
    event: Json = {"user": message.author, "text": text, "ts": message.ts, "channel": channel.channel_id}
    event |= {"thread_ts": message.thread_ts} if message.thread_ts else {}
    if channel.is_im:
        return {"type": "message", "channel_type": "im", **event}
    return {"type": "app_mention", **event} if f"<@{sample_workspace.BOT_USER_ID}>" in text else None


def group_into_threads(messages: Sequence[Message]) -> list[Message]:
    """The messages with every reply after the message it belongs to."""
    roots = {message.ts for message in messages if not message.thread_ts}
    replies: dict[str, list[Message]] = {}
    for message in messages:
        if message.thread_ts in roots:
            replies.setdefault(message.thread_ts, []).append(message)
    own = [message for message in messages if message.thread_ts not in roots]
    return [each for message in own for each in (message, *replies.get(message.ts, ()))]
