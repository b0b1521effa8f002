"""What a text names, checked, drawn: one line an image."""

from bot import answers
from bot.policy import durations
from bot.policy.lifecycle import LifecycleState
from bot.policy.names.mentions import ReferenceKind
from bot.slack.blocks import kit, phrases

USAGE = (
    "`@dlvm when does pytorch 2.7 end?`",
    "`@dlvm check` followed by names, a list, Terraform or a gcloud command",
    "the shortcut *Check for DLVM images* in the menu of any message",
)
_RESOLVES = {
    True: "the family still resolves",
    False: "the family no longer resolves",
    None: "whether the family resolves is not known",
}


def render(answer: answers.ImageCheck) -> kit.Message:
    """The state of every image found, worst first, or how to be understood where there is none."""
    if not answer.images and not answer.without_dates:
        return _nothing_found()
    lines = [f"• {_image(image, answer)}" for image in answer.images]
    lines += [f"• {_without_dates(other)}" for other in answer.without_dates]
    lines += (
        [f"{answer.not_shown} more names were found and are not shown: ask again with fewer."]
        if answer.not_shown
        else []
    )
    small = (
        f"{phrases.format_source(answer.source)} Today is {durations.format_long_date(answer.day)} in {answer.zone}."
    )
    return kit.message([kit.header(_headline(answer)), *kit.paragraphs(lines), kit.context(small)])


def _nothing_found() -> kit.Message:
    first = "No Deep Learning VM image or framework version was found in that text."
    return kit.message([kit.section(first), *kit.paragraphs(["Ways to ask:", *(f"• {way}" for way in USAGE)])])


def _headline(answer: answers.ImageCheck) -> str:
    """How many of each state, the worst first."""
    total = len(answer.images) + len(answer.without_dates) + answer.not_shown
    counts: dict[str, int] = {}
    for image in answer.images:
        state = phrases.STATE_NAMES[image.state]
        counts[state] = counts.get(state, 0) + 1
    counts |= {"without dates here": len(answer.without_dates)} if answer.without_dates else {}
    said = ", ".join(f"{count} {state}" for state, count in counts.items())
    return f"{'1 name' if total == 1 else f'{total} names'} found: {said}"


def _image(image: answers.CheckedImage, answer: answers.ImageCheck) -> str:
    state = f"*{phrases.STATE_NAMES[image.state]}*{' (its last day)' if image.is_last_day else ''}"
    parts = [f"{kit.code(image.name)}: {state}{_of(image)}"]
    parts += [_RESOLVES[image.resolves]] if image.reference is ReferenceKind.FAMILY else []
    parts += ["image families of it differ, this is the furthest gone"] if image.rows_differ else []
    parts += ["the table prints no family of that name, its version’s dates hold"] if not image.is_listed else []
    parts += [_next(image, answer)]
    parts += [_where_to_go(image.advice, answer)] if image.advice else []
    if image.source is not None:
        about = "about " if image.source.is_approximate else ""
        table = kit.link(image.source.url, image.source.title)
        parts += [f"by {table}, as of {about}{durations.format_date(image.source.as_of)}"]
    return "; ".join(parts) + "."


def _of(image: answers.CheckedImage) -> str:
    return "" if image.name.lower() == image.version and image.source is None else f", {kit.escape(image.title)}"


def _next(image: answers.CheckedImage, answer: answers.ImageCheck) -> str:
    if image.next_milestone is None or image.next_date is None:
        passed = image.state is LifecycleState.UNAVAILABLE
        return "both dates have passed" if passed else "no further date is known"
    what = phrases.MILESTONE_NAMES[image.next_milestone]
    there = f"{phrases.format_date(answer.day, image.next_date)}{phrases.format_marks_of(image)}"
    return f"{what} {there}, {phrases.format_days_left(answer.day, image.next_date)}"


def _where_to_go(advice: answers.Advice, answer: answers.ImageCheck) -> str:
    """The successor with its last day, or honestly none and what is advised instead."""
    if advice.successor is not None:
        until = advice.successor.end_of_patch_and_support
        mark = phrases.format_marks_of(advice.successor)
        supported = f" (patches until {phrases.format_date(answer.day, until)}{mark})" if until else ""
        return f"go to {phrases.format_version(advice.successor.version)}{supported}"
    if advice.is_newest:
        return "nothing newer to go to yet"
    others = [*advice.other_frameworks, *([advice.base] if advice.base else [])]
    instead = " or ".join(phrases.format_version(other.version) for other in others)
    return "no newer one is supported here" + (f"; supported instead: {instead}" if instead else "")


def _without_dates(other: answers.NotInCatalogue | answers.RollingFamily | answers.OtherProduct) -> str:
    name = kit.code(other.query[:100])
    match other:
        case answers.NotInCatalogue(neighbours=neighbours):
            near = f"; next to it are {' and '.join(map(phrases.format_version, neighbours))}" if neighbours else ""
            return f"{name}: not in the catalogue, which is not to say that no such image exists{near}."
        case answers.RollingFamily(suggestions=suggestions):
            instead = (
                f"; name a version instead, {' or '.join(map(phrases.format_version, suggestions))}"
                if suggestions
                else ""
            )
            return f"{name}: moves from version to version, so it has no dates of its own{instead}."
        case answers.OtherProduct(product=product, dlvm_version=related):
            near = f"; the plain Deep Learning VM version is {phrases.format_version(related)}" if related else ""
            return f"{name}: {kit.escape(product)}, whose dates are not in this table{near}."
