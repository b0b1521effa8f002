"""`dlvm doctor`: everything that has to be well, and what to do where it is not."""

import json
import sys
from collections.abc import Iterator, Sequence
from enum import StrEnum

from msgspec import Struct
from msgspec.structs import asdict

from bot import settings as reading
from bot.bootstrap import catalogue_readers, core, operator_channel
from bot.policy import durations, freshness
from bot.service.workspaces import installations
from bot.settings import Settings, SettingsError
from bot.slack import manifest
from bot.slack.client.identity import Identity, TokenRefusedError, UnreachableError, fetch_identity
from storage import catalogue, channels, migrations, outbox, overrides, sources, workspaces
from storage import quarantine as findings
from storage.database import Database, DatabaseError
from storage.facts import Health, OutboxState, Source

MAX_CATALOGUE_AGE_DAYS = 30
"""Days after which the catalogue wants a newer reading."""


CHANNEL_FIXES = {
    Health.OK: "",
    Health.NEEDS_INVITE: "Type /invite @dlvm there",
    Health.ARCHIVED: "Unarchive it, or subscribe another channel",
    Health.UNREACHABLE: "Type /invite @dlvm there, or subscribe another channel",
    Health.BLOCKED_BY_POLICY: "Let apps post there; dlvm tries again every day",
}


class Status(StrEnum):
    """How a check went."""

    OK = "well"
    WARNING = "notice"
    ERROR = "wrong"


class CheckResult(Struct, frozen=True):
    """One check's outcome."""

    check: str
    status: Status
    detail: str
    fix: str = ""


def run_checks(*, as_json: bool) -> int:
    """Prints every finding; the exit code is 1 where anything is wrong."""
    results = list(_check_all())
    if as_json:
        sys.stdout.write(json.dumps([asdict(finding) for finding in results], indent=2) + "\n")
    else:
        _print_table(results)
    return 1 if any(finding.status is Status.ERROR for finding in results) else 0


def _check_all() -> Iterator[CheckResult]:
    try:
        settings = reading.load()
        core.check_catalogue_file(settings)
    except SettingsError as error:
        yield from (CheckResult("settings", Status.ERROR, problem) for problem in error.problems)
        return
    yield CheckResult("settings", Status.OK, "understood")
    yield from _check_database(settings)
    yield from _check_slack(settings)
    yield from _check_operator(settings)


def _check_operator(settings: Settings) -> Iterator[CheckResult]:
    """Whether the operator's channel can be reached; where the database can't be used, that was said before."""
    try:
        database = core.open_database(settings)
        migrations.require_current(database)
        is_well, found, mend = operator_channel.check_operator_channel(settings, database)
        database.close()
    except DatabaseError:
        return
    yield CheckResult("operator", Status.OK if is_well else Status.ERROR, found, mend)


def _check_database(settings: Settings) -> Iterator[CheckResult]:
    try:
        database = core.open_database(settings)
    except DatabaseError as error:
        yield CheckResult("database", Status.ERROR, error.message, error.hint)
        return
    try:
        yield from _check_stored_data(database, settings.encryption_keys)
        remark = core.explain_ignored_file(database, settings)
        if remark:
            yield CheckResult("file", Status.WARNING, f"not loaded: {remark}", "Give its rows a later as_of")
    except DatabaseError as error:
        yield CheckResult("database", Status.ERROR, error.message, error.hint)
    finally:
        database.close()


def _check_stored_data(database: Database, keys: Sequence[str]) -> Iterator[CheckResult]:
    migrations.require_current(database)
    database.check_integrity()
    yield CheckResult("database", Status.OK, f"{database.display_url}, schema {migrations.HEAD}")
    with database.read_only() as session:
        last = catalogue.find_last_reading(session)
        counts = outbox.count_by_state(session)
        troubled = channels.list_unhealthy(session)
        suspended = workspaces.list_suspended(session)
        page, waiting = sources.find(session), len(findings.list_open(session))
        others = [sources.find(session, key) for key in catalogue_readers.SOURCE_TITLES]
        repeats = outbox.list_possible_duplicates(session)
        by_hand = len(overrides.list_active(session))
    yield from _check_tokens(database, keys)
    if last is None:
        yield CheckResult("catalogue", Status.ERROR, "empty", "Run: dlvm migrate")
    else:
        age = (core.now().date() - last.as_of).days
        verdict = Status.WARNING if age > MAX_CATALOGUE_AGE_DAYS else Status.OK
        mend = "Compare the dates that matter to you with the page" if age > MAX_CATALOGUE_AGE_DAYS else ""
        held = f", {len(last.quarantined)} remarks" if last.quarantined else ""
        yield CheckResult(
            "catalogue",
            verdict,
            f"{last.rows} rows as of {durations.format_date(last.as_of)}, {age} days old{held}",
            mend,
        )
    yield _check_page(page, waiting)
    for source in others:
        is_well, said = catalogue_readers.describe_source(source, core.now())
        mend = (
            ""
            if is_well
            else f"Look whether {catalogue_readers.SOURCE_SETTINGS[source.product]} is right; dlvm tries again by itself"
        )
        yield CheckResult(
            catalogue_readers.SOURCE_TITLES[source.product], Status.OK if is_well else Status.WARNING, said, mend
        )
    dates = "1 date is" if by_hand == 1 else f"{by_hand} dates are"
    yield CheckResult("by hand", Status.OK, f"{dates} set by hand", "See: dlvm catalogue overrides" if by_hand else "")
    dead = counts.get(OutboxState.DEAD, 0)
    waiting = sum(counts.get(state, 0) for state in (OutboxState.PENDING, OutboxState.SENDING, OutboxState.AMBIGUOUS))
    yield CheckResult(
        "reminders",
        Status.WARNING if dead else Status.OK,
        f"{counts.get(OutboxState.SENT, 0)} sent, {waiting} on their way, {dead} given up",
        "See: dlvm outbox" if dead else "",
    )
    yield CheckResult(
        "repeats", Status.OK, f"{len(repeats)} messages may stand twice", "See: dlvm outbox" if repeats else ""
    )
    for workspace in suspended:
        yield CheckResult(
            "workspace",
            Status.ERROR,
            f"{workspace.workspace_id} refuses the bot: {workspace.suspended_reason}",
            "Install the app again; what is held goes out then",
        )
    for channel in troubled:
        since = f" since {durations.format_date(channel.health_since.date())}" if channel.health_since else ""
        yield CheckResult(
            "channel",
            Status.WARNING,
            f"{channel.workspace_id} {channel.channel_id}: {channel.health.value}{since} ({channel.health_reason})",
            CHANNEL_FIXES[channel.health],
        )


def _check_page(page: Source, waiting: int) -> CheckResult:
    """Whether the page is read, and whether anything of it waits for a person."""
    if page.polling_since is None:
        return CheckResult("page", Status.OK, "not fetched: DLVM_CATALOGUE_URL is off, or dlvm has not run yet")
    since = freshness.find_unverified_since(page.polling_since, page.last_good_at, core.now())
    if since is not None:
        why = f" ({page.problem})" if page.problem else ""
        found = f"not verified since {durations.format_date(since.date())}{why}"
        return CheckResult("page", Status.WARNING, found, "See: dlvm catalogue review")
    read = f"last read {durations.format_date(page.last_good_at.date())}" if page.last_good_at else "not read yet"
    if waiting:
        return CheckResult("page", Status.WARNING, f"{read}, {waiting} held back", "See: dlvm catalogue review")
    return CheckResult("page", Status.OK, read)


def _check_tokens(database: Database, keys: Sequence[str]) -> Iterator[CheckResult]:
    """Whether the tokens of workspaces that installed the bot can be opened, where there are any."""
    try:
        count = installations.verify_tokens(database, installations.TokenVault(keys))
    except installations.KeysError as error:
        yield CheckResult("tokens", Status.ERROR, str(error), "Look for the key beside your backups")
        return
    if count:
        yield CheckResult("tokens", Status.OK, f"{count} stored, and DLVM_KEYS opens each")


def _check_slack(settings: Settings) -> Iterator[CheckResult]:
    token = settings.slack_bot_token
    if token is None and settings.has_oauth:
        yield CheckResult("slack", Status.OK, "workspaces install the bot at /slack/install")
        return
    if token is None:
        yield CheckResult("slack", Status.WARNING, "no tokens set", "Set them as the README says, or try: dlvm sandbox")
        return
    try:
        identity = fetch_identity(token.get_secret_value(), settings.slack_api_url)
    except TokenRefusedError as error:
        yield CheckResult(
            "slack", Status.ERROR, f"Slack refuses the bot token: {error}", "Copy it anew from OAuth & Permissions"
        )
        return
    except UnreachableError as error:
        yield CheckResult("slack", Status.ERROR, str(error), "Check the network, and SLACK_API_URL")
        return
    way = "Socket Mode" if settings.slack_app_token else "HTTP"
    yield CheckResult("slack", Status.OK, f"in {identity.workspace_name} ({identity.workspace_id}), by {way}")
    yield _check_scopes(identity)


def _check_scopes(identity: Identity) -> CheckResult:
    missing = [scope for scope in manifest.REQUIRED_SCOPES if scope not in identity.scopes]
    if missing:
        return CheckResult(
            "scopes",
            Status.ERROR,
            f"missing: {', '.join(missing)}",
            "Update the app from `dlvm manifest` and install it again",
        )
    declined = [f"{scope} ({buys})" for scope, buys in manifest.OPTIONAL_SCOPES.items() if scope not in identity.scopes]
    if declined:
        return CheckResult("scopes", Status.OK, f"all required; not granted: {'; '.join(declined)}")
    return CheckResult("scopes", Status.OK, "all granted")


def _print_table(results: list[CheckResult]) -> None:
    from rich.console import Console  # noqa: PLC0415 - JSON needs none of it
    from rich.table import Table  # noqa: PLC0415 - the same

    table = Table(box=None, padding=(0, 2, 0, 0), show_header=False)
    styles = {Status.OK: "green", Status.WARNING: "yellow", Status.ERROR: "bold red"}
    for finding in results:
        table.add_row(
            f"[{styles[finding.status]}]{finding.status.value}[/]",
            finding.check,
            finding.detail,
        )
        if finding.fix:
            table.add_row("", "", f"[dim]→ {finding.fix}[/]")
    Console(highlight=False).print(table)
