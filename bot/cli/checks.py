"""Checks of the settings, the stored data and Slack, with fixes, for `dlvm doctor`."""

from collections.abc import Iterator, Sequence
from contextlib import closing
from enum import StrEnum

from msgspec import Struct
from sqlmodel import Session

from bot.bootstrap import catalogue_pollers, core, operator_channel
from bot.cli.context import format_count
from bot.policy import freshness
from bot.policy.durations import format_date
from bot.service.workspaces import installations
from bot.settings import Settings, SettingsError, load
from bot.slack import manifest
from bot.slack.client.identity import Identity, TokenRefusedError, UnreachableError, fetch_identity
from storage import catalogue, channels, migrations, outbox, overrides, quarantine, sources, workspaces
from storage.database import Database, DatabaseError
from storage.facts import Health, OutboxState

MAX_CATALOGUE_AGE_DAYS = 30

CHANNEL_FIXES = {
    Health.OK: "",
    Health.NEEDS_INVITE: "Type /invite @dlvm in the channel",
    Health.ARCHIVED: "Unarchive the channel, or subscribe in another one",
    Health.UNREACHABLE: "Type /invite @dlvm in the channel, or subscribe in another one",
    Health.BLOCKED_BY_POLICY: "Allow apps to post in the channel; dlvm retries every day",
}

_QUEUED_STATES = (OutboxState.PENDING, OutboxState.SENDING, OutboxState.AMBIGUOUS)


class Status(StrEnum):
    """Outcome of a check."""

    OK = "ok"
    WARNING = "warning"
    ERROR = "error"


class CheckResult(Struct, frozen=True):
    """Result of one check."""

    check: str
    status: Status
    detail: str
    fix: str = ""


def check_all() -> Iterator[CheckResult]:
    """Yield the result of every check. If the settings are invalid, check nothing else."""
    try:
        settings = load()
        core.check_catalogue_file(settings)
    except SettingsError as error:
        yield from (CheckResult("settings", Status.ERROR, problem) for problem in error.problems)
        return
    yield CheckResult("settings", Status.OK, "valid")
    yield from _check_database(settings)
    yield from _check_slack(settings)
    yield from _check_operator(settings)


def _check_operator(settings: Settings) -> Iterator[CheckResult]:
    """Check that the operator's channel can be reached. Database errors were reported by `_check_database`."""
    try:
        with closing(core.open_database(settings)) as database:
            migrations.require_current(database)
            is_ok, detail, fix = operator_channel.check_operator_channel(settings, database)
    except DatabaseError:
        return
    yield CheckResult("operator", Status.OK if is_ok else Status.ERROR, detail, fix)


def _check_database(settings: Settings) -> Iterator[CheckResult]:
    try:
        with closing(core.open_database(settings)) as database:
            yield from _check_stored_data(database, settings.encryption_keys)
            reason = core.explain_ignored_file(database, settings)
    except DatabaseError as error:
        yield CheckResult("database", Status.ERROR, error.message, error.hint)
        return
    if reason:
        yield CheckResult("file", Status.WARNING, f"not loaded: {reason}", "Give its rows a later as_of")


def _check_stored_data(database: Database, keys: Sequence[str]) -> Iterator[CheckResult]:
    migrations.require_current(database)
    database.check_integrity()
    yield CheckResult("database", Status.OK, f"{database.display_url}, schema {migrations.HEAD}")
    yield from _check_tokens(database, keys)
    with database.read_only() as session:
        yield _check_catalogue(session)
        yield _check_page(session)
        yield from _check_other_sources(session)
        yield _count_overrides(session)
        yield from _check_outbox(session)
        yield from _list_suspended_workspaces(session)
        yield from _list_unhealthy_channels(session)


def _check_tokens(database: Database, keys: Sequence[str]) -> Iterator[CheckResult]:
    """Check that the stored workspace tokens can be decrypted, if there are any."""
    try:
        count = installations.verify_tokens(database, installations.TokenVault(keys))
    except installations.KeysError as error:
        yield CheckResult("tokens", Status.ERROR, str(error), "Look for the missing key with your backups")
        return
    if count:
        yield CheckResult("tokens", Status.OK, f"{count} stored, and DLVM_KEYS decrypts all of them")


def _check_catalogue(session: Session) -> CheckResult:
    reading = catalogue.find_last_reading(session)
    if reading is None:
        return CheckResult("catalogue", Status.ERROR, "empty", "Run: dlvm migrate")
    age = (core.now().date() - reading.as_of).days
    remarks = f", {len(reading.quarantined)} remarks" if reading.quarantined else ""
    detail = f"{reading.rows} rows as of {format_date(reading.as_of)}, {age} days old{remarks}"
    if age > MAX_CATALOGUE_AGE_DAYS:
        return CheckResult("catalogue", Status.WARNING, detail, "Compare the dates you rely on with Google's page")
    return CheckResult("catalogue", Status.OK, detail)


def _check_page(session: Session) -> CheckResult:
    """Check that the page is read regularly, and that nothing is pending review."""
    page, pending = sources.find(session), len(quarantine.list_open(session))
    if page.polling_since is None:
        return CheckResult("page", Status.OK, "not fetched: DLVM_CATALOGUE_URL is off, or dlvm hasn't run yet")
    since = freshness.find_unverified_since(page.polling_since, page.last_good_at, core.now())
    if since is not None:
        problem = f" ({page.problem})" if page.problem else ""
        detail = f"not verified since {format_date(since.date())}{problem}"
        return CheckResult("page", Status.WARNING, detail, "See: dlvm catalogue review")
    detail = f"last read {format_date(page.last_good_at.date())}" if page.last_good_at else "not read yet"
    if pending:
        return CheckResult("page", Status.WARNING, f"{detail}, {pending} pending review", "See: dlvm catalogue review")
    return CheckResult("page", Status.OK, detail)


def _check_other_sources(session: Session) -> Iterator[CheckResult]:
    for product, title in catalogue_pollers.SOURCE_TITLES.items():
        is_ok, detail = catalogue_pollers.describe_source(sources.find(session, product), core.now())
        fix = "" if is_ok else f"Check {catalogue_pollers.SOURCE_SETTINGS[product]}; dlvm retries automatically"
        yield CheckResult(title, Status.OK if is_ok else Status.WARNING, detail, fix)


def _count_overrides(session: Session) -> CheckResult:
    count = len(overrides.list_active(session))
    detail = f"{format_count(count, 'date')} {'is' if count == 1 else 'are'} overridden"
    return CheckResult("overrides", Status.OK, detail, "See: dlvm catalogue overrides" if count else "")


def _check_outbox(session: Session) -> Iterator[CheckResult]:
    counts = outbox.count_by_state(session)
    dead = counts.get(OutboxState.DEAD, 0)
    queued = sum(counts.get(state, 0) for state in _QUEUED_STATES)
    detail = f"{counts.get(OutboxState.SENT, 0)} sent, {queued} queued, {dead} given up"
    yield CheckResult("reminders", Status.WARNING if dead else Status.OK, detail, "See: dlvm outbox" if dead else "")
    duplicates = len(outbox.list_possible_duplicates(session))
    detail = format_count(duplicates, "possible duplicate")
    yield CheckResult("duplicates", Status.OK, detail, "See: dlvm outbox" if duplicates else "")


def _list_suspended_workspaces(session: Session) -> Iterator[CheckResult]:
    for workspace in workspaces.list_suspended(session):
        detail = f"{workspace.workspace_id} rejects the bot: {workspace.suspended_reason}"
        yield CheckResult("workspace", Status.ERROR, detail, "Reinstall the app; held messages are sent then")


def _list_unhealthy_channels(session: Session) -> Iterator[CheckResult]:
    for channel in channels.list_unhealthy(session):
        since = f" since {format_date(channel.health_since.date())}" if channel.health_since else ""
        state = f"{channel.health.value}{since} ({channel.health_reason})"
        detail = f"{channel.workspace_id} {channel.channel_id}: {state}"
        yield CheckResult("channel", Status.WARNING, detail, CHANNEL_FIXES[channel.health])


def _check_slack(settings: Settings) -> Iterator[CheckResult]:
    token = settings.slack_bot_token
    if token is None and settings.has_oauth:
        yield CheckResult("slack", Status.OK, "workspaces install the bot at /slack/install")
        return
    if token is None:
        fix = "Set them as described in the README, or try: dlvm sandbox"
        yield CheckResult("slack", Status.WARNING, "no tokens set", fix)
        return
    try:
        identity = fetch_identity(token.get_secret_value(), settings.slack_api_url)
    except TokenRefusedError as error:
        detail = f"Slack rejects the bot token: {error}"
        yield CheckResult("slack", Status.ERROR, detail, "Copy it again from OAuth & Permissions")
        return
    except UnreachableError as error:
        yield CheckResult("slack", Status.ERROR, str(error), "Check the network and SLACK_API_URL")
        return
    transport = "Socket Mode" if settings.slack_app_token else "HTTP"
    detail = f"connected to {identity.workspace_name} ({identity.workspace_id}) over {transport}"
    yield CheckResult("slack", Status.OK, detail)
    yield _check_scopes(identity)


def _check_scopes(identity: Identity) -> CheckResult:
    missing = [scope for scope in manifest.REQUIRED_SCOPES if scope not in identity.scopes]
    if missing:
        fix = "Update the app with the output of `dlvm manifest`, and reinstall it"
        return CheckResult("scopes", Status.ERROR, f"missing: {', '.join(missing)}", fix)
    declined = [
        f"{scope} ({purpose})" for scope, purpose in manifest.OPTIONAL_SCOPES.items() if scope not in identity.scopes
    ]
    if declined:
        return CheckResult("scopes", Status.OK, f"all required; optional, not granted: {'; '.join(declined)}")
    return CheckResult("scopes", Status.OK, "all granted")
