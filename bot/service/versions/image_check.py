"""Checking a text: every image it names, and how each stands on the channel's local day."""

from datetime import date, datetime

from msgspec.structs import replace

from bot.answers import Advice, Checked, CheckedImage, DidYouMean, MovingFamily, NotInCatalogue, OtherProduct
from bot.policy import lifecycle, time_zones
from bot.policy import versions as matching
from bot.policy.lifecycle import LifecycleState
from bot.policy.names import mentions, parser
from bot.policy.products import PRODUCTS
from bot.service.place import Place, channel_at
from bot.service.versions import resolve, sister_products, sister_status, status
from bot.service.versions.snapshot import Known, KnownVersions
from storage.database import Database
from storage.facts import FrameworkVersion, Schedule

MOST_IMAGES = 60
"""Names in one answer; their lines fit Slack's fifty blocks."""

_WORST_FIRST = (
    LifecycleState.UNAVAILABLE,
    LifecycleState.DEPRECATED,
    LifecycleState.UNKNOWN,
    LifecycleState.SUPPORTED,
)


class Checking:
    """Reads texts for names; changes nothing."""

    def __init__(self, database: Database, known: KnownVersions, default: Schedule) -> None:
        self._database = database
        self._known = known
        self._default = default

    def check(self, text: str, place: Place, now: datetime) -> Checked:
        """How every image in the text stands; an answer without any where it names none."""
        with self._database.reading() as session:
            known = self._known.read(session)
            zone = channel_at(session, place, self._default).schedule.zone
        day = time_zones.day(now, zone)
        found = mentions.find(text)
        judged = [_judged(day, mention, known) for mention in found]
        images = sorted((each for each in judged if isinstance(each, CheckedImage)), key=_worst_first)
        others = [each for each in judged if not isinstance(each, CheckedImage)]
        return Checked(
            day=day,
            zone=zone,
            images=tuple(images[:MOST_IMAGES]),
            without_dates=tuple(others[: max(0, MOST_IMAGES - len(images))]),
            more=max(0, len(judged) - MOST_IMAGES),
            source=known.source_at(now),
        )


def _judged(
    day: date, mention: mentions.Mention, known: Known
) -> CheckedImage | NotInCatalogue | MovingFamily | OtherProduct:
    found = resolve.meant(mention.reading, mention.name, known, "status")
    match found:
        case NotInCatalogue() | MovingFamily() | OtherProduct():
            return found
        case DidYouMean(suggestions=suggestions):
            return NotInCatalogue(mention.name, suggestions, known.source)
        case resolve.Found(version=version):
            return _image(day, mention, version, status.advice(day, version, known))
        case sister_products.FoundSister(version=version):
            image = _image(day, mention, version, sister_status.advice(day, version))
            title = f"{image.title} on {PRODUCTS[version.product].title}"
            return replace(image, title=title, printed=True, source=sister_products.source(version.families))
        case _:
            raise TypeError(f"a mention that is no version: {type(found).__name__}")


def _image(day: date, mention: mentions.Mention, version: FrameworkVersion, advice: Advice | None) -> CheckedImage:
    state = lifecycle.version_state_on(day, version)
    ahead = status.next_of(day, version)
    return CheckedImage(
        name=mention.name,
        refers=mention.refers,
        version=matching.full_name(version),
        title=matching.title(version.name),
        state=state,
        last_day=bool(ahead and ahead.day == day),
        next_milestone=ahead.milestone if ahead else None,
        next_date=ahead.day if ahead else None,
        days_left=lifecycle.days_left(day, ahead.day) if ahead else None,
        resolves=_resolves(mention.refers, state),
        rows_differ=lifecycle.rows_differ(version),
        printed=_is_printed(mention, version),
        advice=advice,
        by_hand=bool(ahead and ahead.by_hand),
        unverified=bool(ahead and ahead.unverified),
    )


def _resolves(refers: mentions.Refers, state: LifecycleState) -> bool | None:
    """A family resolves until its last day of patches and support, that day included."""
    if refers is not mentions.Refers.FAMILY or state is LifecycleState.UNKNOWN:
        return None
    return state is LifecycleState.SUPPORTED


def _is_printed(mention: mentions.Mention, version: FrameworkVersion) -> bool:
    family = mention.reading.family if isinstance(mention.reading, parser.Named) else ""
    return not family or any(row.family == family for row in version.families)


def _worst_first(image: CheckedImage) -> tuple[int, date, str]:
    return _WORST_FIRST.index(image.state), image.next_date or date.max, image.name
