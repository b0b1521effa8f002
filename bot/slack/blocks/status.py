"""How a version stands, and where to go from it, drawn."""

from collections.abc import Iterator
from datetime import date

from bot import answers
from bot.policy import durations
from bot.policy.lifecycle import LifecycleState
from bot.policy.versions import format_framework, format_target
from bot.slack.blocks import kit, phrases, sister_products
from storage.facts import Milestone, PrintedDate


def render_status(answer: answers.Status) -> kit.Message:
    """The whole answer to `/dlvm status`."""
    blocks = [kit.header(format_headline(answer)), _dates(answer), kit.section(_meaning(answer))]
    upcoming = _next(answer)
    blocks += [kit.section(upcoming)] if upcoming else []
    blocks += kit.paragraphs([*_by_hand(answer), *_unverified(answer)])
    blocks += kit.paragraphs(_rows(answer))
    blocks += (
        [kit.section(sister_products.format_sister_dates(answer.sister_dates, answer.day))]
        if answer.sister_dates
        else []
    )
    blocks += kit.paragraphs(phrases.format_advice(answer.advice, answer.day, _framework(answer.version)))
    blocks += [_buttons(answer), kit.context(_small_print(answer))]
    return kit.message(blocks)


def render_successor(answer: answers.Successor) -> kit.Message:
    """Only where to go next."""
    title = f"{answer.title} is {phrases.STATE_NAMES[answer.state]}"
    lines = phrases.format_advice(answer.advice, answer.day, _framework(answer.version))
    advice = "Test jobs and models fully on every change of version, minor ones too."
    return kit.message(
        [kit.header(title), *kit.paragraphs(lines), kit.context(f"{advice} {phrases.format_source(answer.source)}")]
    )


def format_headline(answer: answers.Status) -> str:
    """The state in one line."""
    if answer.state is None:
        return f"{answer.title}: its images are in different states"
    if answer.is_last_day and answer.state is LifecycleState.SUPPORTED:
        return f"{answer.title} is supported; today is the last day"
    if answer.is_last_day:
        return f"{answer.title} is deprecated; today is the last day its images can be used"
    if answer.state is LifecycleState.UNKNOWN:
        return f"{answer.title}: the end of patches and support is not known"
    return f"{answer.title} is {phrases.STATE_NAMES[answer.state]}"


def _dates(answer: answers.Status) -> kit.Block:
    return kit.fields([_date(answer, milestone) for milestone in Milestone])


def _date(answer: answers.Status, milestone: Milestone) -> str:
    heading = f"*{phrases.MILESTONE_NAMES[milestone].capitalize()}*"
    day = (
        answer.end_of_patch_and_support
        if milestone is Milestone.END_OF_PATCH_AND_SUPPORT
        else answer.end_of_availability
    )
    if day is not None:
        held = any(_cell(row, milestone).unverified for row in answer.families)
        mark = phrases.format_marks(
            is_overridden=any(one.milestone is milestone for one in answer.overrides), is_unverified=held
        )
        return f"{heading}\n{phrases.format_date(answer.day, day)}{mark}\n{phrases.format_days_left(answer.day, day)}"
    cells = {_cell(row, milestone) for row in answer.families}
    if len(cells) > 1:
        return f"{heading}\ndiffers by image family, see below"
    return f"{heading}\n{phrases.format_cell(answer.day, cells.pop())}"


def _by_hand(answer: answers.Status) -> list[str]:
    return [phrases.format_override(one, with_milestone=True) for one in answer.overrides]


def _unverified(answer: answers.Status) -> Iterator[str]:
    """Each date that the page says otherwise by now, with why that is not believed."""
    for milestone in Milestone:
        for row in answer.families:
            cell = _cell(row, milestone)
            if cell.unverified and cell.day is not None:
                what = f"The {phrases.MILESTONE_NAMES[milestone]}, {durations.format_date(cell.day)}, is not verified"
                yield f"*{what}* for {kit.code(row.family)}: {kit.escape(cell.unverified)}. The last good date stays."


def _cell(row: answers.FamilyStatus, milestone: Milestone) -> PrintedDate:
    return row.end_of_patch_and_support if milestone is Milestone.END_OF_PATCH_AND_SUPPORT else row.end_of_availability


def _meaning(answer: answers.Status) -> str:
    """What the state means in practice: new versions, families, new VMs, running VMs."""
    if answer.state is None:
        return "*What this means today:* it depends on the image family; each row below says its own state."
    lines = _MEANINGS[answer.state]
    if answer.is_last_day and answer.state is LifecycleState.SUPPORTED:
        lines = (
            "Today still counts: patches and support last through this day.",
            "The images may be hidden and the image family may stop resolving at any hour of today.",
            *lines[2:],
        )
    return "*What this means today*\n" + "\n".join(f"• {line}" for line in lines)


_MEANINGS: dict[LifecycleState, tuple[str, ...]] = {
    LifecycleState.SUPPORTED: (
        "New image versions come, with patches and security fixes.",
        "The image family resolves to the newest image, which is the one to use: older ones can carry known holes.",
        "New VMs can be made, and running VMs go on.",
    ),
    LifecycleState.DEPRECATED: (
        "No new image versions come: no patches, no security fixes. The images are hidden from lists.",
        "References to the image *family* (Terraform, `--image-family`) no longer resolve; image *names* keep working.",
        "New VMs can be made from a named image, at your own risk: the newest one, with the fewest known holes.",
        "Running VMs go on.",
    ),
    LifecycleState.UNAVAILABLE: (
        "The images may not be used any more: new VMs may be refused, and nothing can be downloaded.",
        "The image family does not resolve.",
        "VMs that already run go on: the policy speaks of creating and downloading only.",
    ),
    LifecycleState.UNKNOWN: (
        "The date is to be determined or can’t be read, so dlvm does not call this version supported.",
        "Where the image family resolves, the newest image is the one to use; VMs that run go on.",
    ),
}


def _next(answer: answers.Status) -> str:
    """What happens next and when; empty where nothing is ahead or rows differ."""
    if answer.rows_differ or answer.days_left is None:
        return _after_last(answer)
    both = answer.end_of_patch_and_support == answer.end_of_availability
    day = (
        answer.end_of_patch_and_support
        if answer.next_milestone is Milestone.END_OF_PATCH_AND_SUPPORT
        else answer.end_of_availability
    )
    if day is None:
        return ""
    when = phrases.format_date(answer.day, day)
    if both:
        return (
            f"*What happens next:* {when} is the last day of both. After it there are no patches, the family stops"
            " resolving, and new VMs may be refused."
        )
    if answer.next_milestone is Milestone.END_OF_PATCH_AND_SUPPORT:
        return (
            f"*What happens next:* {when} is the last day of patches and support. After it the image family stops"
            f" resolving{_names_until(answer.end_of_availability)}."
        )
    return f"*What happens next:* {when} is the last day these images can be used. After it new VMs may be refused."


def _names_until(day: date | None) -> str:
    return f"; image names keep working, and their last day is {durations.format_date(day)}" if day else ""


def _after_last(answer: answers.Status) -> str:
    if answer.state is LifecycleState.UNAVAILABLE:
        return "*What happens next:* nothing more; both dates have passed."
    if answer.state is LifecycleState.DEPRECATED and not answer.rows_differ:
        return "*What happens next:* the last day these images can be used is not known."
    return ""


def _rows(answer: answers.Status) -> list[str]:
    """The rows of the table behind the answer."""
    lines = [f"*Image families* ({len(answer.families)})"]
    return lines + [_row(row, answer) for row in answer.families]


def _row(row: answers.FamilyStatus, answer: answers.Status) -> str:
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
    eop, eoa = row.end_of_patch_and_support, row.end_of_availability
    return (
        f"{line}\n   *{phrases.STATE_NAMES[row.state].capitalize()}{', last day' if row.is_last_day else ''}*:"
        f" last day of patches and support {phrases.format_cell(answer.day, eop)};"
        f" last day usable {phrases.format_cell(answer.day, eoa)}"
    )


def _buttons(answer: answers.Status) -> kit.Block:
    watch = kit.button(
        "Stop reminders" if answer.is_subscribed else "Remind this channel",
        "unsubscribe" if answer.is_subscribed else "subscribe",
        answer.version,
        description=f"{'Stop' if answer.is_subscribed else 'Start'} reminders about {answer.title} in this channel",
        style="" if answer.is_subscribed else "primary",
    )
    return kit.actions([watch])


def _small_print(answer: answers.Status) -> str:
    parts = [kit.escape(answer.remark)] if answer.remark else []
    parts += [_gone(answer)] if answer.state is LifecycleState.DEPRECATED else []
    parts += [_watchers(answer), phrases.format_responsibility(), phrases.format_source(answer.source)]
    parts.append(f"Today is {durations.format_long_date(answer.day)} in {answer.zone}.")
    return "\n".join(part for part in parts if part)


def _gone(answer: answers.Status) -> str:
    return f"To list the hidden images: {kit.code(phrases.build_images_command(answer.version))}"


def _watchers(answer: answers.Status) -> str:
    if not answer.subscribers:
        return "No public channel here is reminded of it."
    shown = [f"<#{w.channel_id}>" + _through(w.target, answer.version) for w in answer.subscribers[:10]]
    more = f" and {len(answer.subscribers) - 10} more" if len(answer.subscribers) > 10 else ""  # noqa: PLR2004 - as many as fit a line
    return f"Reminded of it: {', '.join(shown)}{more}."


def _through(target: str, version: str) -> str:
    return "" if target == version else f" (watches {format_target(target)})"


def _framework(version: str) -> str:
    return format_framework(version.partition("-")[0])
