"""`dlvm manifest`: print the Slack app manifest."""

import json
from typing import Annotated

import typer

from bot.cli.context import exit_with_error


def print_manifest(url: Annotated[str, typer.Option(help="HTTPS URL of the bot (default: Socket Mode).")] = "") -> None:
    """Print the Slack app manifest, ready to paste."""
    from bot.slack import manifest

    if url and not url.startswith("https://"):
        exit_with_error(f"--url must start with https://, which Slack requires: {url}")
    typer.echo(json.dumps(manifest.build(url or None), indent=2))
