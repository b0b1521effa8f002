"""Build the dlvm command.

Command modules import what they need when they run, which keeps `dlvm --help` and `dlvm ask` fast.
"""

from collections.abc import Callable

import typer

from bot.cli import (
    ask,
    doctor,
    export,
    manifest,
    migrate,
    outbox,
    overrides,
    review,
    run,
    subscriptions,
    tick,
    workspaces,
)

Command = Callable[..., None]


def _build_group(title: str, commands: dict[str, Command], default: Command | None = None) -> typer.Typer:
    """Build a group. Without a subcommand it runs `default`, or prints its help."""
    group = typer.Typer(
        help=title,
        callback=default,
        invoke_without_command=default is not None,
        no_args_is_help=default is None,
        add_completion=False,
        pretty_exceptions_enable=False,
    )
    for name, command in commands.items():
        group.command(name)(command)
    return group


app = _build_group(
    "Slack reminders before Deep Learning VM framework versions lose support.",
    {
        "up": run.up,
        "run": run.run,
        "sandbox": run.sandbox,
        "ask": ask.ask,
        "tick": tick.tick,
        "migrate": migrate.migrate,
        "manifest": manifest.print_manifest,
        "doctor": doctor.doctor,
    },
)
catalogue = _build_group(
    "Review, refresh, override and export the catalogue of framework versions.",
    {
        "refresh": review.refresh,
        "override": overrides.override,
        "overrides": overrides.list_overrides,
        "history": export.show_history,
        "export": export.export,
    },
)
GROUPS = {
    "outbox": _build_group(
        "List undelivered messages; retry or drop them.", {"retry": outbox.retry, "drop": outbox.drop}, outbox.show
    ),
    "keys": _build_group(
        "Create and rotate the keys that encrypt workspace tokens.",
        {"new": workspaces.create_key, "rotate": workspaces.rotate_keys},
    ),
    "workspace": _build_group(
        "Export or delete a workspace's data.", {"export": workspaces.export, "erase": workspaces.erase}
    ),
    "subscriptions": _build_group(
        "Export or import a channel's subscriptions and settings as YAML.",
        {"export": subscriptions.export_channel, "import": subscriptions.import_channel},
    ),
    "catalogue": catalogue,
}
catalogue.add_typer(
    _build_group(
        "List values pending review; accept or reject them.",
        {"accept": review.accept, "reject": review.reject},
        review.show,
    ),
    name="review",
)
for group_name, command_group in GROUPS.items():
    app.add_typer(command_group, name=group_name)


def main() -> None:
    """Run the command."""
    app()
