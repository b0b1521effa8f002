"""Rendering of the status of a version, and of its successor."""

from collections.abc import Iterator

from bot import answers
from bot.policy import durations
from bot.policy.lifecycle import LifecycleState
from bot.policy.versions import format_framework, format_target
from bot.slack.blocks import kit, phrases, sister_products
from storage.facts import Milestone

_MAX_SUBSCRIBERS = 10


def render_status(answer: answers.Status) -> kit.Message:
    """Render the status of a version: dates, meaning, image families and successor."""
    dates = kit.fields([_format_milestone(answer, milestone) for milestone in Milestone])
    blocks = [kit.header(_format_headline(answer)), dates, kit.section(_format_meaning(answer))]
    next_change = _format_next_change(answer)
    blocks += [kit.section(next_change)] if next_change else []
    overrides = [phrases.format_override(override, with_milestone=True) for override in answer.overrides]
    blocks += kit.paragraphs([*overrides, *_list_unverified_dates(answer)])
    blocks += kit.paragraphs(_list_rows(answer))
    if answer.sister_dates:
        blocks.append(kit.section(sister_products.format_sister_dates(answer.sister_dates, answer.day)))
    blocks += kit.paragraphs(phrases.format_advice(answer.advice, answer.day, _get_framework(answer.version)))
    return kit.message([*blocks, _render_button(answer), kit.context(_format_small_print(answer))])


def render_successor(answer: answers.Successor) -> kit.Message:
    """Render only the successor of a version."""
    lines = phrases.format_advice(answer.advice, answer.day, _get_framework(answer.version))
    advice = "Test your jobs and models before any version change, including minor versions."
    return kit.message(
        [
            kit.header(_format_state(answer.title, answer.state)),
            *kit.paragraphs(lines),
            kit.context(f"{advice} {phrases.format_source(answer.source)}"),
        ]
    )


def _format_headline(answer: answers.Status) -> str:
    if answer.state is None:
        return f"{answer.title}: its images are in different states"
    if answer.is_last_day and answer.state is LifecycleState.SUPPORTED:
        return f"{answer.title} is supported; today is the last day"
    if answer.is_last_day:
        return f"{answer.title} is deprecated; today is the last day its images can be used"
    return _format_state(answer.title, answer.state)


def _format_state(title: str, state: LifecycleState) -> str:
    if state is LifecycleState.UNKNOWN:
        return f"{title}: the end of patches and support is unknown"
    return f"{title} is {phrases.STATE_NAMES[state]}"


def _format_milestone(answer: answers.Status, milestone: Milestone) -> str:
    heading = f"*{phrases.capitalize(phrases.MILESTONE_NAMES[milestone])}*"
    day = (
        answer.end_of_patch_and_support
        if milestone is Milestone.END_OF_PATCH_AND_SUPPORT
        else answer.end_of_availability
    )
    cells = {phrases.get_cell(row, milestone) for row in answer.families}
    if day is not None:
        marks = phrases.format_marks(
            is_overridden=any(override.milestone is milestone for override in answer.overrides),
            is_unverified=any(cell.unverified for cell in cells),
        )
        return f"{heading}\n{durations.format_date(day)}{marks}\n{phrases.format_days_left(answer.day, day)}"
    if len(cells) > 1:
        return f"{heading}\ndiffers by image family, see below"
    return f"{heading}\n{phrases.format_cell(answer.day, cells.pop())}"


def _list_unverified_dates(answer: answers.Status) -> Iterator[str]:
    """Format each date for which the page now prints another date, with the reason for its quarantine."""
    for milestone in Milestone:
        for row in answer.families:
            cell = phrases.get_cell(row, milestone)
            if cell.unverified and cell.day is not None:
                what = f"The {phrases.MILESTONE_NAMES[milestone]}, {durations.format_date(cell.day)}, isn’t verified"
                yield f"*{what}* for {kit.code(row.family)}: {kit.escape(cell.unverified)}. The last good date stays."


def _format_meaning(answer: answers.Status) -> str:
    """Format what the state means for patches, image families, new VMs and running VMs."""
    if answer.state is None:
        return "*What this means today:* it depends on the image family. Each row below shows its state."
    lines = _MEANINGS[answer.state]
    if answer.is_last_day and answer.state is LifecycleState.SUPPORTED:
        lines = (
            "Today is the last day of patches and support.",
            "The images can be hidden, and the image family can stop resolving, at any time today.",
            *lines[2:],
        )
    return "*What this means today*\n" + "\n".join(f"• {line}" for line in lines)


_MEANINGS: dict[LifecycleState, tuple[str, ...]] = {
    LifecycleState.SUPPORTED: (
        "Google releases new image versions with patches and security fixes.",
        "The image family resolves to the newest image. Use it: older images can have known vulnerabilities.",
        f"You can create VMs. {phrases.RUNNING_VMS}",
    ),
    LifecycleState.DEPRECATED: (
        f"{phrases.NO_PATCHES} The images are hidden from lists.",
        "References to the image *family* (Terraform, `--image-family`) no longer resolve; image *names* still work.",
        "You can create VMs from a named image at your own risk. Use the newest image.",
        phrases.RUNNING_VMS,
    ),
    LifecycleState.UNAVAILABLE: (
        phrases.UNUSABLE,
        "The image family doesn’t resolve.",
        "Existing VMs keep running; the policy only covers creating and downloading.",
    ),
    LifecycleState.UNKNOWN: (
        "The date is to be determined or can’t be read, so dlvm doesn’t list this version as supported.",
        f"If the image family resolves, use the newest image. {phrases.RUNNING_VMS}",
    ),
}


def _format_next_change(answer: answers.Status) -> str:
    """Format the next change and its date; empty if nothing is ahead or the rows differ."""
    if answer.rows_differ or answer.days_left is None:
        return _format_after_last_date(answer)
    is_patch_next = answer.next_milestone is Milestone.END_OF_PATCH_AND_SUPPORT
    day = answer.end_of_patch_and_support if is_patch_next else answer.end_of_availability
    if day is None:
        return ""
    after = f"*What happens next:* after {durations.format_date(day)}"
    if answer.end_of_patch_and_support == answer.end_of_availability:
        return f"{after}, patches end, the image family stops resolving, and Google can refuse new VMs."
    if is_patch_next:
        return f"{after}, patches and support end, and the image family stops resolving{_format_names_work(answer)}."
    return f"{after}, you can no longer use these images, and Google can refuse new VMs."


def _format_names_work(answer: answers.Status) -> str:
    day = answer.end_of_availability
    return f"; image names still work until {durations.format_date(day)}" if day else ""


def _format_after_last_date(answer: answers.Status) -> str:
    if answer.state is LifecycleState.UNAVAILABLE:
        return "*What happens next:* nothing; both dates have passed."
    if answer.state is LifecycleState.DEPRECATED and not answer.rows_differ:
        return "*What happens next:* the last day these images can be used is unknown."
    return ""


def _list_rows(answer: answers.Status) -> list[str]:
    return [f"*Image families* ({len(answer.families)})", *(_format_row(row, answer) for row in answer.families)]


def _format_row(row: answers.FamilyStatus, answer: answers.Status) -> str:
    parts = (
        row.patch_version if row.patch_version[:1].isdigit() else "",
        f"Python {row.python}" if row.python else "",
        row.os,
        f"CUDA {row.cuda}" if row.cuda else "CPU only",
        f"driver {row.driver}" if row.driver else "",
    )
    facts = " · ".join(kit.escape(part) for part in parts if part)
    line = f"• {kit.code(row.family)}\n   {facts}"
    if not answer.rows_differ:
        return line
    state = f"{phrases.capitalize(phrases.STATE_NAMES[row.state])}{', last day' if row.is_last_day else ''}"
    return (
        f"{line}\n   *{state}*:"
        f" last day of patches and support {phrases.format_cell(answer.day, row.end_of_patch_and_support)};"
        f" last usable day {phrases.format_cell(answer.day, row.end_of_availability)}"
    )


def _render_button(answer: answers.Status) -> kit.Block:
    if answer.is_subscribed:
        description = f"Stop reminders about {answer.title} in this channel"
        return kit.actions([kit.button("Stop reminders", "unsubscribe", answer.version, description=description)])
    description = f"Get reminders about {answer.title} in this channel"
    button = kit.button("Remind this channel", "subscribe", answer.version, description=description, style="primary")
    return kit.actions([button])


def _format_small_print(answer: answers.Status) -> str:
    parts = [kit.escape(answer.remark)]
    if answer.state is LifecycleState.DEPRECATED:
        parts.append(f"To list the hidden images: {kit.code(phrases.build_images_command(answer.version))}")
    parts += [
        _format_subscribers(answer),
        phrases.format_responsibility(),
        phrases.format_source(answer.source),
        phrases.format_today(answer.day, answer.zone),
    ]
    return "\n".join(part for part in parts if part)


def _format_subscribers(answer: answers.Status) -> str:
    if not answer.subscribers:
        return "No public channels are subscribed."
    channels = [
        f"<#{subscriber.channel_id}>{_format_target(subscriber.target, answer.version)}"
        for subscriber in answer.subscribers
    ]
    return f"Subscribed: {phrases.join_limited(channels, _MAX_SUBSCRIBERS)}."


def _format_target(target: str, version: str) -> str:
    return "" if target == version else f" ({format_target(target)})"


def _get_framework(version: str) -> str:
    return format_framework(version.partition("-")[0])
