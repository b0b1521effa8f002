"""A channel's subscriptions and settings out as a document, and in again: compared first, then applied whole."""

from collections.abc import Sequence
from datetime import datetime

from msgspec import Struct
from msgspec.structs import replace
from sqlmodel import Session

from bot import answers
from bot.service import portrait
from bot.service.place import Place, channel_at
from bot.service.subscriptions import document as documents
from bot.service.subscriptions import setting_values
from bot.service.subscriptions import targets as watching
from bot.service.subscriptions.settings import ChannelSettings
from bot.service.versions import resolve
from bot.service.versions.snapshot import Known, KnownVersions
from storage import channels
from storage.database import Database
from storage.facts import Channel, Schedule


class _Plan(Struct, frozen=True):
    before: Channel
    after: Channel
    added: tuple[str, ...]
    removed: tuple[str, ...]
    kept: int


class Bulk:
    """Exports and imports a channel."""

    def __init__(self, database: Database, known: KnownVersions, default: Schedule, settings: ChannelSettings) -> None:
        self._database = database
        self._known = known
        self._default = default
        self._settings = settings

    def export(self, place: Place) -> answers.Exported:
        """The channel's document."""
        with self._database.reading() as session:
            channel = channel_at(session, place, self._default)
            targets = watching.present(session, place)
        return answers.Exported(documents.write(targets, tuple(portrait.written(channel).items())), len(targets))

    def compare(self, text: str, place: Place) -> answers.Imported | answers.Mistaken:
        """What importing the document would change; changes nothing."""
        with self._database.reading() as session:
            return _told(self._plan(session, text, place), applied=False)

    def apply(self, text: str, place: Place, now: datetime) -> answers.Imported | answers.Mistaken:
        """Has the channel be as the document says, whole or not at all; what it does not mention stays."""
        with self._database.transaction() as session:
            plan = self._plan(session, text, place)
            if isinstance(plan, _Plan):
                known = self._known.read(session)
                if plan.after != plan.before:
                    self._settings.put(session, plan.before, plan.after, place, now)
                elif plan.added:
                    channels.save(session, plan.after, now)
                watching.end(session, plan.removed, plan.after, known, place, now)
                watching.begin(session, plan.added, place, now)
            return _told(plan, applied=True)

    def _plan(self, session: Session, text: str, place: Place) -> _Plan | answers.Mistaken:
        before = channel_at(session, place, self._default)
        try:
            document = documents.read(text)
            wanted = _targets(document.subscriptions, self._known.read(session))
        except documents.DocumentError as error:
            return answers.Mistaken(str(error))
        after, problems = setting_values.grant(before, document.settings)
        if problems:
            return answers.Mistaken(problems[0][1])
        if after.schedule.zone == before.schedule.zone:  # naming the default zone again does not set it
            after = replace(after, zone_set=before.zone_set)
        present = watching.present(session, place)
        if wanted is None:
            wanted = present
        added = tuple(target for target in wanted if target not in present)
        removed = tuple(target for target in present if target not in wanted)
        return _Plan(before, after, added, removed, len(present) - len(removed))


def _targets(listed: Sequence[str] | None, known: Known) -> tuple[str, ...] | None:
    """The canonical targets; one that is not understood speaks for all."""
    if listed is None:
        return None
    found: list[str] = []
    for name in listed:
        targets = resolve.targets(name, known)
        if not isinstance(targets, tuple):
            raise documents.DocumentError(f"“{name[:60]}” {_trouble(targets)}")
        found.extend(targets)
    return tuple(dict.fromkeys(found))


def _trouble(negative: resolve.Negative) -> str:
    match negative:
        case answers.DidYouMean(suggestions=suggested):
            return f"is not a name in the catalogue; did you mean {' or '.join(suggested)}?"
        case answers.WhichFramework(versions=versions):
            return f"is a version of more than one framework: {' or '.join(versions)}."
        case answers.MovingFamily():
            return "moves, so it has no dates of its own: name a version."
        case answers.OtherProduct(product=product, dated=dated) if dated:
            return f"is {product}; only Deep Learning VM versions can be watched."
        case answers.OtherProduct(product=product):
            return f"is {product}, whose dates are not in this table."
        case answers.NotInCatalogue() | answers.Help():
            return "is not in the catalogue: `/dlvm list all` shows every version."


def _told(plan: _Plan | answers.Mistaken, *, applied: bool) -> answers.Imported | answers.Mistaken:
    if isinstance(plan, answers.Mistaken):
        return plan
    settings = portrait.differences(plan.before, plan.after)
    return answers.Imported(plan.added, plan.removed, settings, plan.kept, applied)
