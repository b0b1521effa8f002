"""Export and import of a channel's subscriptions and settings."""

from collections.abc import Sequence
from datetime import datetime

from msgspec import Struct
from msgspec.structs import replace
from sqlmodel import Session

from bot import answers
from bot.service.place import Place
from bot.service.subscriptions import document, setting_table
from bot.service.subscriptions.document import DocumentError
from bot.service.subscriptions.settings import SettingsEditor
from bot.service.subscriptions.targets import add_targets, remove_targets
from bot.service.versions import resolve
from bot.service.versions.channel_service import ChannelService
from bot.service.versions.snapshot import CatalogueSnapshot, SnapshotCache
from storage import channels, subscriptions
from storage.database import Database
from storage.facts import Channel, Schedule


class _ImportPlan(Struct, frozen=True):
    before: Channel
    after: Channel
    added: tuple[str, ...]
    removed: tuple[str, ...]
    unchanged: int


class ImportExport(ChannelService):
    """Exports and imports the subscriptions and settings of a channel."""

    def __init__(
        self, database: Database, snapshots: SnapshotCache, default: Schedule, settings: SettingsEditor
    ) -> None:
        super().__init__(database, snapshots, default)
        self._settings = settings

    def export(self, place: Place) -> answers.ChannelExport:
        """Return the channel's document."""
        with self._database.read_only() as session:
            channel = self._get_channel(session, place)
            targets = subscriptions.list_channel_targets(session, place.workspace_id, place.channel_id)
        text = document.dump(targets, setting_table.format_settings(channel))
        return answers.ChannelExport(text, len(targets))

    def compare(self, text: str, place: Place) -> answers.ImportResult | answers.InvalidRequest:
        """Return the changes that importing the document would make, without making them."""
        with self._database.read_only() as session:
            return _to_answer(self._plan(session, text, place), applied=False)

    def apply(self, text: str, place: Place, now: datetime) -> answers.ImportResult | answers.InvalidRequest:
        """Apply the whole document, or nothing if any part of it is invalid.

        Settings that the document leaves out stay, and so do the subscriptions if it has no such key.
        """
        return self._database.run(lambda session: self._apply(session, text, place, now))

    def _apply(
        self, session: Session, text: str, place: Place, now: datetime
    ) -> answers.ImportResult | answers.InvalidRequest:
        plan = self._plan(session, text, place)
        if isinstance(plan, _ImportPlan):
            snapshot = self._snapshots.read(session)
            if plan.after != plan.before:
                self._settings.save(session, plan.before, plan.after, place, now)
            elif plan.added:
                channels.save(session, plan.after, now)
            remove_targets(session, plan.removed, plan.after, snapshot, place, now)
            add_targets(session, plan.added, place, now)
        return _to_answer(plan, applied=True)

    def _plan(self, session: Session, text: str, place: Place) -> _ImportPlan | answers.InvalidRequest:
        before = self._get_channel(session, place)
        present = subscriptions.list_channel_targets(session, place.workspace_id, place.channel_id)
        try:
            parsed = document.parse(text)
            targets = present
            if parsed.subscriptions is not None:
                targets = _resolve_targets(parsed.subscriptions, self._snapshots.read(session))
        except DocumentError as error:
            return answers.InvalidRequest(str(error))
        after, errors = setting_table.apply_settings(before, parsed.settings)
        if errors:
            return answers.InvalidRequest(errors[0][1])
        if after.schedule.zone == before.schedule.zone:  # an unchanged default zone must keep following the default
            after = replace(after, has_own_zone=before.has_own_zone)
        added = tuple(target for target in targets if target not in present)
        removed = tuple(target for target in present if target not in targets)
        return _ImportPlan(before, after, added, removed, len(present) - len(removed))


def _resolve_targets(names: Sequence[str], snapshot: CatalogueSnapshot) -> tuple[str, ...]:
    """Return the canonical targets without duplicates. Raises DocumentError for the first unknown name."""
    resolved: list[str] = []
    for name in names:
        targets = resolve.resolve_targets(name, snapshot)
        if not isinstance(targets, tuple):
            raise DocumentError(f"“{name[:60]}” {_describe_problem(targets)}")
        resolved.extend(targets)
    return tuple(dict.fromkeys(resolved))


def _describe_problem(clarification: resolve.Clarification) -> str:
    match clarification:
        case answers.DidYouMean(suggestions=suggestions):
            return f"isn’t in Google’s table. Did you mean {' or '.join(suggestions)}?"
        case answers.WhichFramework(versions=versions):
            return f"matches more than one framework. Use {' or '.join(versions)}."
        case answers.RollingFamily():
            return "is a rolling family and has no dates of its own. Name a version."
        case answers.OtherProduct(product=product, dates_command=command) if command:
            return f"is {product}. You can subscribe to Deep Learning VM versions only."
        case answers.OtherProduct(product=product):
            return f"is {product}, which isn’t in Google’s table."
        case answers.NotInCatalogue() | answers.Help():
            return "isn’t in Google’s table. `/dlvm list all` shows every version."


def _to_answer(
    plan: _ImportPlan | answers.InvalidRequest, *, applied: bool
) -> answers.ImportResult | answers.InvalidRequest:
    if isinstance(plan, answers.InvalidRequest):
        return plan
    settings = setting_table.diff_settings(plan.before, plan.after)
    return answers.ImportResult(plan.added, plan.removed, settings, plan.unchanged, applied)
