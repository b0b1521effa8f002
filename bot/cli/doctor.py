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
from bot.slack.client.identity import Identity, TokenRefusedError, UnreachableError, who_am_i
from storage import catalogue, channels, migrations, outbox, overrides, sources, workspaces
from storage import quarantine as findings
from storage.database import Database, DatabaseError
from storage.facts import Health, OutboxState, Source

OLD = 30
"""Days after which the catalogue wants a newer reading."""


MENDS = {
    Health.OK: "",
    Health.NEEDS_INVITE: "Type /invite @dlvm there",
    Health.ARCHIVED: "Unarchive it, or subscribe another channel",
    Health.UNREACHABLE: "Type /invite @dlvm there, or subscribe another channel",
    Health.BLOCKED_BY_POLICY: "Let apps post there; dlvm tries again every day",
}


class Verdict(StrEnum):
    """How a check went."""

    WELL = "well"
    NOTICE = "notice"
    WRONG = "wrong"


class Finding(Struct, frozen=True):
    """One check's outcome."""

    check: str
    verdict: Verdict
    found: str
    mend: str = ""


def examine(*, as_json: bool) -> int:
    """Prints every finding; the exit code is 1 where anything is wrong."""
    findings = list(_all())
    if as_json:
        sys.stdout.write(json.dumps([asdict(finding) for finding in findings], indent=2) + "\n")
    else:
        _draw(findings)
    return 1 if any(finding.verdict is Verdict.WRONG for finding in findings) else 0


def _all() -> Iterator[Finding]:
    try:
        settings = reading.read()
        core.check_file(settings)
    except SettingsError as error:
        yield from (Finding("settings", Verdict.WRONG, problem) for problem in error.problems)
        return
    yield Finding("settings", Verdict.WELL, "understood")
    yield from _database(settings)
    yield from _slack(settings)
    yield from _operator(settings)


def _operator(settings: Settings) -> Iterator[Finding]:
    """Whether the operator's channel can be reached; where the database can't be used, that was said before."""
    try:
        database = core.opened(settings)
        migrations.require_current(database)
        is_well, found, mend = operator_channel.standing(settings, database)
        database.close()
    except DatabaseError:
        return
    yield Finding("operator", Verdict.WELL if is_well else Verdict.WRONG, found, mend)


def _database(settings: Settings) -> Iterator[Finding]:
    try:
        database = core.opened(settings)
    except DatabaseError as error:
        yield Finding("database", Verdict.WRONG, error.sentence, error.hint)
        return
    try:
        yield from _inside(database, settings.keys)
        remark = core.file_left_out(database, settings)
        if remark:
            yield Finding("file", Verdict.NOTICE, f"not loaded: {remark}", "Give its rows a later as_of")
    except DatabaseError as error:
        yield Finding("database", Verdict.WRONG, error.sentence, error.hint)
    finally:
        database.close()


def _inside(database: Database, keys: Sequence[str]) -> Iterator[Finding]:
    migrations.require_current(database)
    database.check()
    yield Finding("database", Verdict.WELL, f"{database.url_shown}, schema {migrations.HEAD}")
    with database.reading() as session:
        last = catalogue.last_reading(session)
        counts = outbox.counts(session)
        troubled = channels.in_trouble(session)
        suspended = workspaces.suspended(session)
        page, waiting = sources.find(session), len(findings.open_ones(session))
        others = [sources.find(session, key) for key in catalogue_readers.TITLES]
        repeats = outbox.possible_repeats(session)
        by_hand = len(overrides.in_force(session))
    yield from _tokens(database, keys)
    if last is None:
        yield Finding("catalogue", Verdict.WRONG, "empty", "Run: dlvm migrate")
    else:
        age = (core.now().date() - last.as_of).days
        verdict = Verdict.NOTICE if age > OLD else Verdict.WELL
        mend = "Compare the dates that matter to you with the page" if age > OLD else ""
        held = f", {len(last.held_back)} remarks" if last.held_back else ""
        yield Finding(
            "catalogue",
            verdict,
            f"{last.rows} rows as of {durations.plain_date(last.as_of)}, {age} days old{held}",
            mend,
        )
    yield _page(page, waiting)
    for source in others:
        is_well, said = catalogue_readers.standing(source, core.now())
        mend = (
            ""
            if is_well
            else f"Look whether {catalogue_readers.SETTINGS[source.product]} is right; dlvm tries again by itself"
        )
        yield Finding(catalogue_readers.TITLES[source.product], Verdict.WELL if is_well else Verdict.NOTICE, said, mend)
    dates = "1 date is" if by_hand == 1 else f"{by_hand} dates are"
    yield Finding("by hand", Verdict.WELL, f"{dates} set by hand", "See: dlvm catalogue overrides" if by_hand else "")
    dead = counts.get(OutboxState.DEAD, 0)
    waiting = sum(counts.get(state, 0) for state in (OutboxState.PENDING, OutboxState.SENDING, OutboxState.AMBIGUOUS))
    yield Finding(
        "reminders",
        Verdict.NOTICE if dead else Verdict.WELL,
        f"{counts.get(OutboxState.SENT, 0)} sent, {waiting} on their way, {dead} given up",
        "See: dlvm outbox" if dead else "",
    )
    yield Finding(
        "repeats", Verdict.WELL, f"{len(repeats)} messages may stand twice", "See: dlvm outbox" if repeats else ""
    )
    for workspace in suspended:
        yield Finding(
            "workspace",
            Verdict.WRONG,
            f"{workspace.workspace_id} refuses the bot: {workspace.suspended_reason}",
            "Install the app again; what is held goes out then",
        )
    for channel in troubled:
        since = f" since {durations.plain_date(channel.health_since.date())}" if channel.health_since else ""
        yield Finding(
            "channel",
            Verdict.NOTICE,
            f"{channel.workspace_id} {channel.channel_id}: {channel.health.value}{since} ({channel.health_reason})",
            MENDS[channel.health],
        )


def _page(page: Source, waiting: int) -> Finding:
    """Whether the page is read, and whether anything of it waits for a person."""
    if page.watched_since is None:
        return Finding("page", Verdict.WELL, "not fetched: DLVM_CATALOGUE_URL is off, or dlvm has not run yet")
    since = freshness.unverified_since(page.watched_since, page.good_at, core.now())
    if since is not None:
        why = f" ({page.problem})" if page.problem else ""
        found = f"not verified since {durations.plain_date(since.date())}{why}"
        return Finding("page", Verdict.NOTICE, found, "See: dlvm catalogue review")
    read = f"last read {durations.plain_date(page.good_at.date())}" if page.good_at else "not read yet"
    if waiting:
        return Finding("page", Verdict.NOTICE, f"{read}, {waiting} held back", "See: dlvm catalogue review")
    return Finding("page", Verdict.WELL, read)


def _tokens(database: Database, keys: Sequence[str]) -> Iterator[Finding]:
    """Whether the tokens of workspaces that installed the bot can be opened, where there are any."""
    try:
        count = installations.check(database, installations.Vault(keys))
    except installations.KeysError as error:
        yield Finding("tokens", Verdict.WRONG, str(error), "Look for the key beside your backups")
        return
    if count:
        yield Finding("tokens", Verdict.WELL, f"{count} stored, and DLVM_KEYS opens each")


def _slack(settings: Settings) -> Iterator[Finding]:
    token = settings.slack_bot_token
    if token is None and settings.installs_by_oauth:
        yield Finding("slack", Verdict.WELL, "workspaces install the bot at /slack/install")
        return
    if token is None:
        yield Finding("slack", Verdict.NOTICE, "no tokens set", "Set them as the README says, or try: dlvm sandbox")
        return
    try:
        identity = who_am_i(token.get_secret_value(), settings.slack_api_url)
    except TokenRefusedError as error:
        yield Finding(
            "slack", Verdict.WRONG, f"Slack refuses the bot token: {error}", "Copy it anew from OAuth & Permissions"
        )
        return
    except UnreachableError as error:
        yield Finding("slack", Verdict.WRONG, str(error), "Check the network, and SLACK_API_URL")
        return
    way = "Socket Mode" if settings.slack_app_token else "HTTP"
    yield Finding("slack", Verdict.WELL, f"in {identity.workspace_name} ({identity.workspace_id}), by {way}")
    yield _scopes(identity)


def _scopes(identity: Identity) -> Finding:
    missing = [scope for scope in manifest.REQUIRED_SCOPES if scope not in identity.scopes]
    if missing:
        return Finding(
            "scopes",
            Verdict.WRONG,
            f"missing: {', '.join(missing)}",
            "Update the app from `dlvm manifest` and install it again",
        )
    declined = [f"{scope} ({buys})" for scope, buys in manifest.OPTIONAL_SCOPES.items() if scope not in identity.scopes]
    if declined:
        return Finding("scopes", Verdict.WELL, f"all required; not granted: {'; '.join(declined)}")
    return Finding("scopes", Verdict.WELL, "all granted")


def _draw(findings: list[Finding]) -> None:
    from rich.console import Console  # noqa: PLC0415 - JSON needs none of it
    from rich.table import Table  # noqa: PLC0415 - the same

    table = Table(box=None, padding=(0, 2, 0, 0), show_header=False)
    styles = {Verdict.WELL: "green", Verdict.NOTICE: "yellow", Verdict.WRONG: "bold red"}
    for finding in findings:
        table.add_row(
            f"[{styles[finding.verdict]}]{finding.verdict.value}[/]",
            finding.check,
            finding.found,
        )
        if finding.mend:
            table.add_row("", "", f"[dim]→ {finding.mend}[/]")
    Console(highlight=False).print(table)
