"""Phrases about dates, states and successors that several messages share."""

from collections.abc import Container, Sequence
from datetime import date, datetime
from functools import lru_cache

from bot import answers
from bot.catalogue.local_file import SOURCE_PREFIX
from bot.policy import durations, lifecycle, reminders, time_zones
from bot.policy.lifecycle import LifecycleState
from bot.policy.products import DEEP_LEARNING_VM, FRAMEWORK_SUPPORT_POLICY, Product, split_prefix
from bot.policy.versions import get_family_prefix
from bot.slack.blocks import kit
from storage.facts import Health, Milestone, PrintedDate

_RESPONSIBILITY_URL = "https://cloud.google.com/architecture/framework/security/shared-responsibility-shared-fate"
RESPONSIBILITY = (
    f"Upgrading is {kit.link(_RESPONSIBILITY_URL, 'your responsibility')}. Google support may require it before"
    f" helping: {kit.link(FRAMEWORK_SUPPORT_POLICY, 'framework support policy')}."
)

STATE_NAMES = {
    LifecycleState.SUPPORTED: "supported",
    LifecycleState.DEPRECATED: "deprecated",
    LifecycleState.UNAVAILABLE: "no longer available",
    LifecycleState.UNKNOWN: "unknown",
}

MILESTONE_NAMES = lifecycle.MILESTONE_NAMES

SUBSCRIBABLE = "You can only subscribe to Deep Learning VM versions"
NO_PATCHES = "Google no longer releases patches or security fixes."
UNUSABLE = "You can no longer use these images. Google can refuse new VMs, and downloads are disabled."
UNUSABLE_AFTER = (
    "After this date you can no longer use these images. Google can refuse new VMs, and downloads are disabled."
)
RUNNING_VMS = "Running VMs aren’t affected."

HEALTH_FIXES = {
    Health.OK: "dlvm can post in the channel again.",
    Health.NEEDS_INVITE: "dlvm isn’t a member. Type `/invite @dlvm` in the channel.",
    Health.ARCHIVED: "The channel is archived. Reminders resume when it’s unarchived.",
    Health.UNREACHABLE: "dlvm can’t see the channel. Type `/invite @dlvm` there, or check if it was deleted.",
    Health.BLOCKED_BY_POLICY: "A posting rule blocks apps. Ask a workspace admin or channel manager to let apps post;"
    " dlvm retries every day.",
}
"""For each health, the reason why dlvm can't post, and the fix."""

NOTHING_IS_LOST = "No reminder is lost: those that still matter are sent when dlvm can post again."

MAX_NAMED = 20
"""Channels or targets that one sentence names."""

_MIN_DAYS_WITH_MONTHS = 32
"""Calendar months are added to distances from this number of days on."""


def pluralize(count: int, noun: str) -> str:
    """Format a count with its noun: `1 day`, `2 days`, `1,000 days`."""
    return f"1 {noun}" if count == 1 else f"{count:,} {noun}s"


def capitalize(text: str) -> str:
    """Return the text with its first letter in upper case and the rest as it is."""
    return text[:1].upper() + text[1:]


def join_limited(texts: Sequence[str], max_count: int = MAX_NAMED) -> str:
    """Join texts with commas, and count those over the limit: `a, b and 3 more`."""
    named = ", ".join(texts[:max_count])
    return f"{named} and {len(texts) - max_count} more" if len(texts) > max_count else named


def format_channels(channel_ids: Sequence[str], max_count: int = MAX_NAMED) -> str:
    """Format channels as mentions, which Slack shows by name."""
    return join_limited([f"<#{channel_id}>" for channel_id in channel_ids], max_count)


def format_mention(person_or_group: str) -> str:
    """Format a mention of a person or user group by id. Other texts are escaped, and an empty one stays empty."""
    if not person_or_group.isalnum():
        return kit.escape(person_or_group)
    return f"<!subteam^{person_or_group}>" if person_or_group.startswith("S") else f"<@{person_or_group}>"


def format_families(families: Sequence[str]) -> str:
    """Format the sentence that lists image families."""
    return f"Image families: {kit.codes(families)}."


def format_on_product(text: str, product: Product) -> str:
    """Format what is on a product: `PyTorch 2.4 on Deep Learning Containers`. Deep Learning VM is not named."""
    return text if product == DEEP_LEARNING_VM else f"{text} on {product.title}"


def format_unavailable(count: int, command: str) -> str:
    """Format the number of unavailable versions that a list leaves out, and the command that lists them."""
    return f"{pluralize(count, 'unavailable version')} hidden: {kit.code(command)} lists all."


def format_table(version: str) -> str:
    """Format the name of the table that a version would be in."""
    return "the catalogue" if split_prefix(version)[0] else "Google’s table"


def format_milestone(milestone: Milestone, second: Milestone | None = None) -> str:
    """Format the name of a milestone, or of both if they fall on one day."""
    if second is None:
        return MILESTONE_NAMES[milestone]
    return "last day of patches and support, and the last day these images can be used"


def format_date(today: date, day: date) -> str:
    """Format a date with its distance: `13 Apr 2027 (in 141 days)`."""
    days = lifecycle.count_days_left(today, day)
    count = pluralize(abs(days), "day")
    distance = "today" if days == 0 else f"in {count}" if days > 0 else f"{count} ago"
    return f"{durations.format_date(day)} ({distance})"


def format_days_left(today: date, day: date) -> str:
    """Format a distance with calendar months: `141 days left (4 months and 21 days)`, `3 days ago`, `today`."""
    days = lifecycle.count_days_left(today, day)
    if days == 0:
        return "today"
    months = f" ({durations.format_duration(*sorted((today, day)))})" if abs(days) >= _MIN_DAYS_WITH_MONTHS else ""
    return f"{pluralize(abs(days), 'day')} {'left' if days > 0 else 'ago'}{months}"


def format_today(day: date, zone: str) -> str:
    """Format the sentence that says which day the answer is for."""
    return f"Today is {durations.format_long_date(day)} in {zone}."


def get_cell(row: answers.FamilyStatus, milestone: Milestone) -> PrintedDate:
    """Return the date cell of a row for a milestone."""
    return row.end_of_patch_and_support if milestone is Milestone.END_OF_PATCH_AND_SUPPORT else row.end_of_availability


def format_cell(today: date, cell: PrintedDate, *, is_month: bool = False) -> str:
    """Format a date cell. A cell that can't be parsed is quoted."""
    if cell.day is not None:
        text = format_month(cell.printed, cell.day) if is_month else format_date(today, cell.day)
        return text + format_marks(is_overridden=cell.override is not None, is_unverified=bool(cell.unverified))
    if cell.problem:
        return f"printed as {kit.code(cell.printed)}, which can’t be read"
    return format_missing_date(cell)


def format_month(printed: str, last_day: date) -> str:
    """Format a month that stands for its last day."""
    return f"{kit.escape(printed)} (a month only, so its last day counts: {durations.format_date(last_day)})"


def format_missing_date(cell: PrintedDate) -> str:
    """Format a cell without a date: `not published`, `not applicable` or `to be determined`."""
    printed = cell.printed.lower()
    return printed if printed in {"not published", "not applicable"} else "to be determined"


def format_marks(*, is_overridden: bool, is_unverified: bool = False) -> str:
    """Format the remarks that follow a date; empty if there are none."""
    return f"{', overridden' if is_overridden else ''}{', not verified' if is_unverified else ''}"


def format_passed_date(
    passed: tuple[str, Milestone, date],
    today: date,
    overridden: Container[tuple[str, Milestone, date]],
    unverified: Container[tuple[str, Milestone, date]],
) -> str:
    """Format a (version, milestone, date) that has passed, with its marks."""
    _, milestone, day = passed
    marks = format_marks(is_overridden=passed in overridden, is_unverified=passed in unverified)
    return f"the {MILESTONE_NAMES[milestone]} was {format_date(today, day)}{marks}"


def format_marks_of(entry: answers.MarkedDate) -> str:
    """Format the remarks that follow the date of an entry; empty if there are none."""
    return format_marks(is_overridden=entry.is_overridden, is_unverified=entry.is_unverified)


def format_marks_at(line: answers.VersionLine, milestone: Milestone) -> str:
    """Format the remarks that follow the date of a version at a milestone; empty if there are none."""
    return format_marks(is_overridden=milestone in line.overridden, is_unverified=milestone in line.unverified)


def format_marked_date(today: date, day: date, entry: answers.MarkedDate) -> str:
    """Format the date of an entry with its distance and its marks."""
    return f"{format_date(today, day)}{format_marks_of(entry)}"


def format_override(override: answers.OverrideLine, *, with_milestone: bool = False) -> str:
    """Format who overrode a date, when and why, what the page says, and when the override ends."""
    what = f"The {MILESTONE_NAMES[override.milestone]} is overridden" if with_milestone else "Overridden"
    where = "" if override.is_whole_version else f" for {kit.codes(override.families)}"
    reason = override.reason if override.reason.endswith((".", "!", "?", "…")) else f"{override.reason}."
    printed = durations.format_date(override.page_date) if override.page_date else ""
    printed = printed or (kit.code(override.page_text) if override.page_text else "")
    page = f"says {printed}" if printed else "has no date"
    until = f" The override ends after {durations.format_date(override.until)}." if override.until else ""
    return (
        f"*{what}*{where} by {kit.escape(override.set_by)} on {durations.format_date(override.set_on)}:"
        f" {kit.escape(reason)} Google’s page {page}.{until}"
    )


def format_moment(at: datetime, zone: str) -> str:
    """Format an instant in the zone of the channel: `Wed 13 Jan 2027, 09:00 (Asia/Taipei)`."""
    local = time_zones.to_local(at, zone)
    return f"{durations.format_long_date(local.date())}, {local:%H:%M} ({zone})"


def format_rung(rung: int, milestone: Milestone) -> str:
    """Format when a reminder is sent: `30 days before the last day of patches and support`."""
    when = {reminders.PASSED: "the day after", reminders.LAST_DAY: "on"}.get(rung, f"{pluralize(rung, 'day')} before")
    return f"{when} the {MILESTONE_NAMES[milestone]}"


def format_next_reminder(reminder: answers.NextReminder, zone: str, today: date, *, with_version: bool = True) -> str:
    """Format when the next reminder is sent, and about which date."""
    version = f"{kit.code(reminder.version)}, " if with_version else ""
    return (
        f"*{format_moment(reminder.at, zone)}*: {version}{format_rung(reminder.rung, reminder.milestone)},"
        f" {format_marked_date(today, reminder.milestone_date, reminder)}"
    )


def build_images_command(version: str) -> str:
    """Build the gcloud command that lists all images of a version, including hidden ones.

    It filters by the prefix of the family names, because the table prints patterns that can differ from the real names.
    """
    return (
        "gcloud compute images list --project deeplearning-platform-release --no-standard-images --show-deprecated"
        f' --filter="family~^{get_family_prefix(version)}"'
    )


@lru_cache(maxsize=64)
def format_source(source: answers.Source) -> str:
    """Format the source of the dates and its date. Cached, because nearly every message contains it."""
    if source.url.startswith(SOURCE_PREFIX):
        table = f"your file {kit.code(source.url.removeprefix(SOURCE_PREFIX))}"
    else:
        table = kit.link(source.url, source.title or "Google’s table of supported framework versions")
    sentence = f"Dates from {table}, as of {format_as_of(source)}."
    if source.unverified_since is None:
        return sentence
    since = durations.format_date(source.unverified_since)
    return f"{sentence} *Not verified since {since}*: dlvm can’t read the page. Check it before you rely on a date."


def format_as_of(source: answers.Source) -> str:
    """Format the date of a source: `10 Apr 2026`, or `about 10 Apr 2026` if it is approximate."""
    return f"{'about ' if source.is_approximate else ''}{durations.format_date(source.as_of)}"


def format_changes(changes: Sequence[tuple[str, str, str]]) -> str:
    """Format (dependency, before, after) changes: `Python 3.10 → 3.12; CUDA 12.8 → 12.9`."""
    return "; ".join(f"{name} {kit.escape(before)} → {kit.escape(after)}" for name, before, after in changes)


def format_candidate(candidate: answers.Candidate, today: date) -> str:
    """Format a version to upgrade to, and how long it is supported."""
    name = f"{kit.escape(candidate.title)} ({kit.code(candidate.version)})"
    if candidate.end_of_patch_and_support is None:
        return name
    until = format_marked_date(today, candidate.end_of_patch_and_support, candidate)
    return f"{name}, with patches and support until {until}"


def format_advice(
    advice: answers.Advice, today: date, framework: str, *, product: Product = DEEP_LEARNING_VM, is_brief: bool = False
) -> list[str]:
    """Format the successor, or the alternatives that Google's documentation recommends if there is none."""
    if advice.successor is not None:
        lines = [f"*Upgrade to:* {format_candidate(advice.successor, today)}."]
        if not is_brief:
            changes = format_changes(advice.successor.differences)
            lines.append(format_families(advice.successor.families))
            lines += [f"Changes: {changes}."] if changes else []
        return lines
    if advice.is_newest:
        return [f"*Upgrade to:* nothing yet. This is the newest supported {framework} version."]
    lines = [f"*Upgrade to:* {product.title} supports no newer {framework} version."]
    alternatives = [format_candidate(candidate, today) for candidate in advice.other_frameworks]
    if advice.base is not None:
        use = "" if advice.base.title.startswith(framework) else f"the Base image to install {framework} on, "
        alternatives.append(f"{use}{format_candidate(advice.base, today)}")
    if alternatives:
        lines.append(f"Google’s docs recommend a supported version of another framework: {'; or '.join(alternatives)}.")
    if advice.on_other_products:
        products = "; or ".join(format_candidate(candidate, today) for candidate in advice.on_other_products)
        lines.append(f"{framework} is still supported elsewhere: {products}.")
    return lines
