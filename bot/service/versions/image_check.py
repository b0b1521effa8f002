"""Check of the images and versions that a text mentions."""

from datetime import date, datetime

from bot.answers import CheckedImage, DidYouMean, ImageCheck, NotInCatalogue, OtherProduct, RollingFamily
from bot.policy import lifecycle, time_zones, versions
from bot.policy.lifecycle import LifecycleState
from bot.policy.names import mentions, parser
from bot.policy.products import PRODUCTS
from bot.service.place import Place
from bot.service.versions import resolve, status
from bot.service.versions.channel_service import ChannelService
from bot.service.versions.snapshot import CatalogueSnapshot
from storage.facts import DLVM, FrameworkVersion

MAX_IMAGES = 60
"""Names in one answer. Their lines fit into the 50 blocks of a Slack message."""

_STATES_WORST_FIRST = (
    LifecycleState.UNAVAILABLE,
    LifecycleState.DEPRECATED,
    LifecycleState.UNKNOWN,
    LifecycleState.SUPPORTED,
)


class ImageChecker(ChannelService):
    """Check which images a text mentions, and their lifecycle states."""

    def check(self, text: str, place: Place, now: datetime) -> ImageCheck:
        """Return every image mentioned in the text, worst state first, judged on the channel's local day."""
        with self._database.read_only() as session:
            snapshot = self._snapshots.read(session)
            zone = self._get_channel(session, place).schedule.zone
        day = time_zones.to_local_date(now, zone)
        results = [_check_mention(day, mention, snapshot) for mention in mentions.find(text)]
        images = sorted((result for result in results if isinstance(result, CheckedImage)), key=_get_sort_key)
        without_dates = [result for result in results if not isinstance(result, CheckedImage)]
        shown, shown_without = tuple(images[:MAX_IMAGES]), tuple(without_dates[: max(0, MAX_IMAGES - len(images))])
        not_shown = max(0, len(results) - MAX_IMAGES)
        return ImageCheck(day, zone, shown, shown_without, not_shown, snapshot.with_freshness(now).source)


def _check_mention(
    day: date, mention: mentions.Mention, snapshot: CatalogueSnapshot
) -> CheckedImage | NotInCatalogue | RollingFamily | OtherProduct:
    resolution = resolve.resolve_parsed(mention.parsed, mention.name, snapshot, "status")
    match resolution:
        case NotInCatalogue() | RollingFamily() | OtherProduct():
            return resolution
        case DidYouMean(suggestions=suggestions):
            return NotInCatalogue(mention.name, suggestions, snapshot.source)
        case resolve.FoundVersion(version=version):
            return _build_image(day, mention, version, snapshot)
        case _:
            raise TypeError(f"a mention can't resolve to {type(resolution).__name__}")


def _build_image(
    day: date, mention: mentions.Mention, version: FrameworkVersion, snapshot: CatalogueSnapshot
) -> CheckedImage:
    is_related = version.product != DLVM
    state = lifecycle.get_version_state(day, version)
    next_date = status.find_next_date(day, version)
    return CheckedImage(
        name=mention.name,
        reference=mention.kind,
        version=versions.format_full_name(version),
        title=status.format_title(version) + (f" on {PRODUCTS[version.product].title}" if is_related else ""),
        state=state,
        is_last_day=bool(next_date and next_date.day == day),
        next_milestone=next_date.milestone if next_date else None,
        next_date=next_date.day if next_date else None,
        days_left=lifecycle.count_days_left(day, next_date.day) if next_date else None,
        resolves=_does_family_resolve(mention.kind, state),
        rows_differ=lifecycle.has_differing_dates(version),
        is_listed=_is_listed(mention, version),
        advice=status.find_advice(day, version, snapshot),
        is_overridden=bool(next_date and next_date.is_overridden),
        is_unverified=bool(next_date and next_date.is_unverified),
        source=status.get_source(version.product, version.families, snapshot) if is_related else None,
    )


def _does_family_resolve(reference: mentions.ReferenceKind, state: LifecycleState) -> bool | None:
    """Return True if an image family still resolves: up to and including its last day of patches and support.

    Return None if the mention is not a family, or its state is unknown.
    """
    if reference is not mentions.ReferenceKind.FAMILY or state is LifecycleState.UNKNOWN:
        return None
    return state is LifecycleState.SUPPORTED


def _is_listed(mention: mentions.Mention, version: FrameworkVersion) -> bool:
    """Return True if the page lists the mentioned family by that name, or the mention names no family."""
    family = mention.parsed.family if isinstance(mention.parsed, parser.NamedVersion) else ""
    return not family or any(row.family == family for row in version.families)


def _get_sort_key(image: CheckedImage) -> tuple[int, date, str]:
    return _STATES_WORST_FIRST.index(image.state), image.next_date or date.max, image.name
