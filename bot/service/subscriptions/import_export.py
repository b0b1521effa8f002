"""A channel's subscriptions and settings out as a document, and in again: compared first, then applied whole."""

from collections.abc import Sequence
from datetime import datetime

from msgspec import Struct
from msgspec.structs import replace
from sqlmodel import Session

from bot import answers
from bot.service.place import Place, get_channel
from bot.service.subscriptions import document as documents
from bot.service.subscriptions import setting_values
from bot.service.subscriptions import targets as watching
from bot.service.subscriptions.settings import SettingsEditor
from bot.service.versions import resolve
from bot.service.versions.snapshot import CatalogueSnapshot, SnapshotCache
from storage import channels
from storage.database import Database
from storage.facts import Channel, Schedule


class _ImportPlan(Struct, frozen=True):
    before: Channel
    after: Channel
    added: tuple[str, ...]
    removed: tuple[str, ...]
    kept: int


class ImportExport:
    """Exports and imports a channel."""

    def __init__(
        self, database: Database, snapshots: SnapshotCache, default: Schedule, settings: SettingsEditor
    ) -> None:
        self._database = database
        self._snapshots = snapshots
        self._default = default
        self._settings = settings

    def export(self, place: Place) -> answers.ChannelExport:
        """The channel's document."""
        with self._database.read_only() as session:
            channel = get_channel(session, place, self._default)
            targets = watching.list_targets(session, place)
        return answers.ChannelExport(
            documents.dump(targets, tuple(setting_values.format_settings(channel).items())), len(targets)
        )

    def compare(self, text: str, place: Place) -> answers.ImportResult | answers.InvalidRequest:
        """What importing the document would change; changes nothing."""
        with self._database.read_only() as session:
            return _to_answer(self._plan(session, text, place), applied=False)

    def apply(self, text: str, place: Place, now: datetime) -> answers.ImportResult | answers.InvalidRequest:
        """Has the channel be as the document says, whole or not at all; what it does not mention stays."""
        with self._database.transaction() as session:
            plan = self._plan(session, text, place)
            if isinstance(plan, _ImportPlan):
                known = self._snapshots.read(session)
                if plan.after != plan.before:
                    self._settings.save(session, plan.before, plan.after, place, now)
                elif plan.added:
                    channels.save(session, plan.after, now)
                watching.remove_targets(session, plan.removed, plan.after, known, place, now)
                watching.add_targets(session, plan.added, place, now)
            return _to_answer(plan, applied=True)

    def _plan(self, session: Session, text: str, place: Place) -> _ImportPlan | answers.InvalidRequest:
        before = get_channel(session, place, self._default)
        try:
            document = documents.parse(text)
            wanted = _resolve_targets(document.subscriptions, self._snapshots.read(session))
        except documents.DocumentError as error:
            return answers.InvalidRequest(str(error))
        after, problems = setting_values.apply_settings(before, document.settings)
        if problems:
            return answers.InvalidRequest(problems[0][1])
        if after.schedule.zone == before.schedule.zone:  # naming the default zone again does not set it
            after = replace(after, has_own_zone=before.has_own_zone)
        present = watching.list_targets(session, place)
        if wanted is None:
            wanted = present
        added = tuple(target for target in wanted if target not in present)
        removed = tuple(target for target in present if target not in wanted)
        return _ImportPlan(before, after, added, removed, len(present) - len(removed))


def _resolve_targets(listed: Sequence[str] | None, snapshot: CatalogueSnapshot) -> tuple[str, ...] | None:
    """The canonical targets; one that is not understood speaks for all."""
    if listed is None:
        return None
    found: list[str] = []
    for name in listed:
        targets = resolve.resolve_targets(name, snapshot)
        if not isinstance(targets, tuple):
            raise documents.DocumentError(f"“{name[:60]}” {_describe_problem(targets)}")
        found.extend(targets)
    return tuple(dict.fromkeys(found))


def _describe_problem(negative: resolve.Clarification) -> str:
    match negative:
        case answers.DidYouMean(suggestions=suggested):
            return f"is not a name in the catalogue; did you mean {' or '.join(suggested)}?"
        case answers.WhichFramework(versions=versions):
            return f"is a version of more than one framework: {' or '.join(versions)}."
        case answers.RollingFamily():
            return "moves, so it has no dates of its own: name a version."
        case answers.OtherProduct(product=product, dates_command=dated) if dated:
            return f"is {product}; only Deep Learning VM versions can be watched."
        case answers.OtherProduct(product=product):
            return f"is {product}, whose dates are not in this table."
        case answers.NotInCatalogue() | answers.Help():
            return "is not in the catalogue: `/dlvm list all` shows every version."


def _to_answer(
    plan: _ImportPlan | answers.InvalidRequest, *, applied: bool
) -> answers.ImportResult | answers.InvalidRequest:
    if isinstance(plan, answers.InvalidRequest):
        return plan
    settings = setting_values.diff_settings(plan.before, plan.after)
    return answers.ImportResult(plan.added, plan.removed, settings, plan.kept, applied)
