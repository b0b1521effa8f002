"""Rendering of the status of a version, and of its successor."""

from collections.abc import Iterator, Sequence
from datetime import date

from bot import answers
from bot.policy import durations
from bot.policy.lifecycle import LifecycleState
from bot.policy.products import Product, split_prefix
from bot.policy.versions import format_framework, format_target
from bot.slack.blocks import kit, phrases
from storage.facts import Milestone

_MAX_SUBSCRIBERS = 10


def render_status(answer: answers.Status) -> kit.Message:
    """Render the status of a version: dates, meaning, rows and successor."""
    dates = kit.fields([_format_milestone(answer, milestone) for milestone in Milestone])
    blocks = [kit.header(_format_headline(answer)), dates, kit.section(_format_meaning(answer))]
    next_change = _format_next_change(answer) if answer.product.has_image_families else ""
    blocks += [kit.section(next_change)] if next_change else []
    overrides = [phrases.format_override(override, with_milestone=True) for override in answer.overrides]
    blocks += kit.paragraphs([*overrides, *_list_unverified_dates(answer)])
    heading = "Image families" if answer.product.has_image_families else "Rows of its table"
    rows = [_format_row(row, answer) for row in answer.families]
    blocks += kit.paragraphs([f"*{heading}* ({len(rows)})", *rows])
    if answer.related_dates:
        related_dates = " · ".join(_format_related_dates(dates, answer.day) for dates in answer.related_dates)
        blocks.append(kit.section(f"*Different dates on related products:* {related_dates}"))
    blocks += kit.paragraphs(_list_advice(answer))
    return kit.message([*blocks, *_render_buttons(answer), kit.context(_format_small_print(answer))])


def render_successor(answer: answers.Successor) -> kit.Message:
    """Render only the successor of a version."""
    title = phrases.format_on_product(answer.title, answer.product)
    advice = "Test your jobs and models before any version change, including minor versions."
    header = kit.header(_format_state(title, answer.state, answer.product))
    footer = kit.context(f"{advice} {phrases.format_source(answer.source)}")
    return kit.message([header, *kit.paragraphs(_list_advice(answer)), footer])


def _list_advice(answer: answers.Status | answers.Successor) -> list[str]:
    if answer.advice is None:
        return ["*Upgrade to:* dlvm can’t recommend a version. These versions don’t succeed each other."]
    framework = format_framework(split_prefix(answer.version)[1].rpartition("-")[0])
    is_brief = not answer.product.has_image_families
    return phrases.format_advice(answer.advice, answer.day, framework, product=answer.product, is_brief=is_brief)


def _format_headline(answer: answers.Status) -> str:
    title = phrases.format_on_product(answer.title, answer.product)
    if answer.state is None:
        return f"{title}: its rows are in different states"
    if answer.is_last_day:
        period = "patches" if answer.state is LifecycleState.SUPPORTED else "use"
        return f"{title} is {phrases.STATE_NAMES[answer.state]}; today is the last day of {period}"
    return _format_state(title, answer.state, answer.product)


def _format_state(title: str, state: LifecycleState, product: Product) -> str:
    if state is LifecycleState.UNKNOWN:
        return f"{title}: the end of patches and support is unknown"
    if state is LifecycleState.DEPRECATED and not product.publishes_availability:
        return f"{title} is past its last day of patches and support"
    return f"{title} is {phrases.STATE_NAMES[state]}"


def _format_milestone(answer: answers.Status, milestone: Milestone) -> str:
    heading = f"*{phrases.capitalize(phrases.MILESTONE_NAMES[milestone])}*"
    is_patch = milestone is Milestone.END_OF_PATCH_AND_SUPPORT
    day = answer.end_of_patch_and_support if is_patch else answer.end_of_availability
    cells = {phrases.get_cell(row, milestone) for row in answer.families}
    if day is not None:
        is_month = is_patch and any(row.is_month_only for row in answer.families)
        text = phrases.format_month(next(iter(cells)).printed, day) if is_month else durations.format_date(day)
        marks = phrases.format_marks(
            is_overridden=any(override.milestone is milestone for override in answer.overrides),
            is_unverified=any(cell.unverified for cell in cells),
        )
        return f"{heading}\n{text}{marks}\n{phrases.format_days_left(answer.day, day)}"
    if len(cells) > 1:
        return f"{heading}\ndiffers by row, see below"
    return f"{heading}\n{phrases.format_cell(answer.day, cells.pop())}"


def _format_related_dates(dates: answers.RelatedDates, today: date) -> str:
    ends = {"last day of patches": dates.end_of_patch_and_support, "last usable day": dates.end_of_availability}
    texts = ", ".join(f"{name} {_format_days(days, today)}" for name, days in ends.items() if days)
    return f"{dates.product}, {texts} ({kit.code(dates.version)})"


def _format_days(days: Sequence[date], today: date) -> str:
    """Format alternative days, with distances for those ahead."""
    return " or ".join(phrases.format_date(today, day) if day >= today else durations.format_date(day) for day in days)


def _list_unverified_dates(answer: answers.Status) -> Iterator[str]:
    """Format each date for which the page now prints another date, with the reason for its quarantine."""
    for milestone in Milestone:
        for row in answer.families:
            cell = phrases.get_cell(row, milestone)
            if cell.unverified and cell.day is not None:
                what = f"The {phrases.MILESTONE_NAMES[milestone]}, {durations.format_date(cell.day)}, isn’t verified"
                yield f"*{what}* for {kit.code(row.family)}: {kit.escape(cell.unverified)}. The last good date stays."


def _format_meaning(answer: answers.Status) -> str:
    if answer.state is None:
        return "*What this means today:* it depends on the image. Each row below shows its state."
    lines = _list_meanings(answer.product, answer.state)
    if answer.is_last_day and answer.state is LifecycleState.SUPPORTED and answer.product.has_image_families:
        lines = (
            "Today is the last day of patches and support.",
            "The images can be hidden, and the image family can stop resolving, at any time today.",
            *lines[2:],
        )
    return "*What this means today*\n" + "\n".join(f"• {line}" for line in lines)


def _list_meanings(product: Product, state: LifecycleState) -> tuple[str, ...]:
    if product.has_image_families:
        return _FAMILY_MEANINGS[state]
    if state is LifecycleState.DEPRECATED and not product.publishes_availability:
        return ("It no longer gets patches. Its last usable day isn’t published.",)
    return (_MEANINGS[state],)


_MEANINGS = {
    LifecycleState.SUPPORTED: "It gets patches and security fixes.",
    LifecycleState.DEPRECATED: "It no longer gets patches. You can use it until its last day, at your own risk.",
    LifecycleState.UNAVAILABLE: "Both dates have passed. You can no longer use it.",
    LifecycleState.UNKNOWN: "Its end of patches is unknown, so dlvm doesn’t list it as supported.",
}

_FAMILY_MEANINGS: dict[LifecycleState, tuple[str, ...]] = {
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
        last = answer.end_of_availability
        names_work = f"; image names still work until {durations.format_date(last)}" if last else ""
        return f"{after}, patches and support end, and the image family stops resolving{names_work}."
    return f"{after}, you can no longer use these images, and Google can refuse new VMs."


def _format_after_last_date(answer: answers.Status) -> str:
    if answer.state is LifecycleState.UNAVAILABLE:
        return "*What happens next:* nothing; both dates have passed."
    if answer.state is LifecycleState.DEPRECATED and not answer.rows_differ:
        return "*What happens next:* the last day these images can be used is unknown."
    return ""


def _format_row(row: answers.FamilyStatus, answer: answers.Status) -> str:
    facts = _list_family_facts(row) if answer.product.has_image_families else _list_printed_facts(row)
    line = f"• {kit.code(row.family)}" + (f"\n   {kit.escape(' · '.join(facts))}" if facts else "")
    if not answer.rows_differ:
        return line
    state = f"{phrases.capitalize(phrases.STATE_NAMES[row.state])}{', last day' if row.is_last_day else ''}"
    patches = phrases.format_cell(answer.day, row.end_of_patch_and_support, is_month=row.is_month_only)
    usable = phrases.format_cell(answer.day, row.end_of_availability)
    return f"{line}\n   *{state}*: last day of patches and support {patches}; last usable day {usable}"


def _list_family_facts(row: answers.FamilyStatus) -> list[str]:
    facts = (
        row.patch_version if row.patch_version[:1].isdigit() else "",
        f"Python {row.python}" if row.python else "",
        row.os,
        f"CUDA {row.cuda}" if row.cuda else "CPU only",
        f"driver {row.driver}" if row.driver else "",
    )
    return [fact for fact in facts if fact]


def _list_printed_facts(row: answers.FamilyStatus) -> list[str]:
    """List the cells of the row as printed, without those that an earlier one contains."""
    shown = [row.family]
    for fact in (row.label, row.patch_version, row.accelerator, f"Python {row.python}" if row.python else ""):
        shown += [fact] if not any(fact in earlier for earlier in shown) else []
    return [*shown[1:], *([f"since {row.start.printed}"] if row.start.printed else [])]


def _render_buttons(answer: answers.Status) -> list[kit.Block]:
    if not answer.product.can_subscribe:
        if not answer.dlvm_version:
            return []
        label = f"Status of {answer.dlvm_version}"
        button = kit.button(label, "ask_0", f"status {answer.dlvm_version}", description=label)
    elif answer.is_subscribed:
        text = f"Stop reminders about {answer.title} in this channel"
        button = kit.button("Stop reminders", "unsubscribe", answer.version, description=text)
    else:
        text = f"Get reminders about {answer.title} in this channel"
        button = kit.button("Remind this channel", "subscribe", answer.version, description=text, style="primary")
    return [kit.actions([button])]


def _format_small_print(answer: answers.Status) -> str:
    parts = [kit.escape(answer.remark)]
    if answer.state is LifecycleState.DEPRECATED and answer.product.has_image_families:
        parts.append(f"To list the hidden images: {kit.code(phrases.build_images_command(answer.version))}")
    if answer.product.can_subscribe:
        parts += [_format_subscribers(answer), phrases.RESPONSIBILITY]
    else:
        command = f": {kit.code(f'/dlvm subscribe {answer.dlvm_version}')}" if answer.dlvm_version else ""
        parts.append(f"{phrases.SUBSCRIBABLE}{command}.")
    parts += [phrases.format_source(answer.source), phrases.format_today(answer.day, answer.zone)]
    return "\n".join(part for part in parts if part)


def _format_subscribers(answer: answers.Status) -> str:
    if not answer.subscribers:
        return "No public channels are subscribed."
    channels = [
        f"<#{s.channel_id}>" + ("" if s.target == answer.version else f" ({format_target(s.target)})")
        for s in answer.subscribers
    ]
    return f"Subscribed: {phrases.join_limited(channels, _MAX_SUBSCRIBERS)}."
