"""Options that several commands share."""

from typing import Annotated

import typer

AsJson = Annotated[bool, typer.Option("--json", help="Output JSON.")]
WorkspaceId = Annotated[str, typer.Option("--workspace", help="Slack team ID (default: the only workspace).")]
ChannelId = Annotated[str, typer.Option("--channel", help="Slack channel ID.")]
