"""`dlvm doctor`: print the result of every check."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from bot.cli.context import AsJson

if TYPE_CHECKING:
    from bot.cli.checks import CheckResult

_STYLES = {"ok": "green", "warning": "yellow", "error": "bold red"}


def doctor(*, as_json: AsJson = False) -> None:
    """Check settings, database, catalogue, tokens and scopes, and show how to fix problems."""
    from bot.cli import checks
    from bot.cli.rendering import print_json

    results = list(checks.check_all())
    if as_json:
        print_json(results, indent=2, ensure_ascii=True)
    else:
        _print_table(results)
    sys.exit(1 if any(result.status is checks.Status.ERROR for result in results) else 0)


def _print_table(results: list[CheckResult]) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table(box=None, padding=(0, 2, 0, 0), show_header=False)
    for result in results:
        table.add_row(f"[{_STYLES[result.status]}]{result.status.value}[/]", result.check, result.detail)
        if result.fix:
            table.add_row("", "", f"[dim]→ {result.fix}[/]")
    Console(highlight=False).print(table)
