"""Factories of facts and rows for the tests of storage."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from multiprocessing.synchronize import Barrier

from sqlmodel import Session, col, select

from storage import channels, outbox, schedules, subscriptions
from storage.facts import (
    DLVM,
    CatalogueChange,
    CatalogueEdition,
    CatalogueEvent,
    Channel,
    Dependency,
    DependencyReplaced,
    DueRung,
    ImageFamily,
    Milestone,
    OutboxEntry,
    PrintedDate,
    ReleaseNoteMention,
    Schedule,
    Subscription,
)
from storage.tables import CatalogueEventRow
from tests.forkserver import get_context

NOW = datetime(2027, 3, 17, 9, 0, tzinfo=UTC)
"""When the default rung of `make_rung` is due."""

BEFORE = NOW - timedelta(days=100)
LEASE = timedelta(seconds=30)

URL = "https://cloud.google.com/deep-learning-vm/docs/images"


PYTHON_REPLACED = DependencyReplaced(
    DLVM, "pytorch-2.7", Dependency.PYTHON, "3.10", "3.12", families=("pytorch-2-7-cu128",)
)
NOTE_MENTION = ReleaseNoteMention(DLVM, "pytorch-2.7", "2026-04-13 Breaking 1", "Breaking", date(2026, 4, 13), "text")


def make_event(change: CatalogueChange = PYTHON_REPLACED) -> CatalogueEvent:
    """Build an event that is not stored yet."""
    return CatalogueEvent(0, NOW, URL, change)


def make_family(name: str = "pytorch-2-7-cu128-ubuntu-2204", **changes: object) -> ImageFamily:
    values: dict[str, object] = {
        "product": DLVM,
        "family": name,
        "family_as_printed": f"{name}-vVERSION_DATE",
        "framework": "pytorch",
        "number": "2.7",
        "label": "PyTorch 2.7",
        "patch_version": "2.7.1",
        "accelerator": "GPU",
        "python": "3.10",
        "os": "Ubuntu 22.04",
        "cuda": "12.8",
        "driver": "570",
        "end_of_patch_and_support": PrintedDate("April 16, 2026", date(2026, 4, 16)),
        "end_of_availability": PrintedDate("April 16, 2027", date(2027, 4, 16)),
        "source_url": URL,
        "as_of": date(2026, 4, 10),
    }
    return ImageFamily(**{**values, **changes})  # type: ignore[arg-type] # the fields have several types


def make_reading(rows: int = 1, **changes: object) -> CatalogueEdition:
    values: dict[str, object] = {
        "product": DLVM,
        "source_url": URL,
        "as_of": date(2026, 4, 10),
        "read_at": BEFORE,
        "rows": rows,
    }
    return CatalogueEdition(**{**values, **changes})  # type: ignore[arg-type] # the fields have several types


def make_rung(
    days: int = 30, *, version: str = "pytorch-2.7", at: datetime = NOW, on: date = date(2027, 4, 16)
) -> DueRung:
    """Build the rung this many days before the end of availability."""
    return DueRung(
        product=DLVM,
        framework=version.partition("-")[0],
        version=version,
        milestone=Milestone.END_OF_AVAILABILITY,
        milestone_date=on,
        rung=days,
        due_on=on - timedelta(days=days),
        due_at=at,
    )


def subscribe(
    session: Session,
    channel: str = "C1",
    target: str = "pytorch-2.7",
    *,
    workspace: str = "T1",
    at: datetime = BEFORE,
    schedule: Schedule = Schedule(),  # noqa: B008 - immutable
) -> int:
    """Subscribe a channel to the target from `at` on. Return the id of its schedule."""
    channels.save(session, Channel(workspace, channel, schedule), at)
    subscriptions.add(session, Subscription(workspace, channel, DLVM, target, "U1", at))
    return schedules.ensure_id(session, schedule, at)


def plan_channels(session: Session, channels: int = 1, days: int = 30) -> int:
    """Store channels with one due reminder each. Return the id of their schedule."""
    schedule_id = 0
    for number in range(channels):
        schedule_id = subscribe(session, f"C{number:04}")
    outbox.plan(session, schedule_id, make_rung(days))
    return schedule_id


def claim(session: Session, at: datetime = NOW, owner: str = "worker-1", limit: int = 50) -> tuple[OutboxEntry, ...]:
    """Claim what is due, ignoring rate limits."""
    outbox.delete_expired_rate_limits(session, at + LEASE)
    return outbox.claim(session, at, owner, at + LEASE, limit)


def make_schedule_at(hour: int) -> Schedule:
    """Build a schedule that differs only by its hour."""
    return Schedule(hour=time(hour))


def run_in_processes(work: Callable[..., object], processes: int, *arguments: object) -> list[int]:
    """Run the work in forked processes that start together. Return their exit codes, -1 for a timeout."""
    context = get_context()
    barrier = context.Barrier(processes)
    running = [context.Process(target=_run_together, args=(barrier, work, arguments)) for _ in range(processes)]
    for process in running:
        process.start()
    for process in running:
        process.join(100)
    codes = [-1 if process.exitcode is None else process.exitcode for process in running]
    for process in running:
        process.kill()
        process.join()
        process.close()
    return codes


def _run_together(barrier: Barrier, work: Callable[..., object], arguments: tuple[object, ...]) -> None:
    barrier.wait(90)
    work(*arguments)


def list_events(session: Session, version: str) -> tuple[CatalogueEvent, ...]:
    """Return the events of a version, oldest first."""
    rows = session.exec(select(CatalogueEventRow).order_by(col(CatalogueEventRow.id)))
    return tuple(event for event in (row.to_fact() for row in rows) if event.change.version == version)
