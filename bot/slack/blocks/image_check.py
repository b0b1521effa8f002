"""Rendering of an image check: one line an image."""

from collections import Counter

from bot import answers
from bot.policy.lifecycle import LifecycleState
from bot.policy.names.mentions import ReferenceKind
from bot.slack.blocks import kit, phrases

USAGE = (
    "`@dlvm when does pytorch 2.7 end?`",
    "`@dlvm check` followed by names, a list, Terraform code or a gcloud command",
    "the shortcut *Check for DLVM images* in the menu of any message",
)
_RESOLVES = {
    True: "the family still resolves",
    False: "the family no longer resolves",
    None: "unknown if the family resolves",
}


def render(answer: answers.ImageCheck) -> kit.Message:
    """Render the state of every image, or how to ask if the text mentions none."""
    if not answer.images and not answer.without_dates:
        text = "No Deep Learning VM image or framework version found in that text."
        return kit.message([kit.section(text), *kit.paragraphs(["Ways to ask:", *(f"• {way}" for way in USAGE)])])
    lines = [f"• {_format_image(image, answer)}" for image in answer.images]
    lines += [f"• {_format_without_dates(mention)}" for mention in answer.without_dates]
    lines += [f"{phrases.pluralize(answer.not_shown, 'more name')} not shown: check fewer."] if answer.not_shown else []
    sources = f"{phrases.format_source(answer.source)} {phrases.format_today(answer.day, answer.zone)}"
    return kit.message([kit.header(_format_headline(answer)), *kit.paragraphs(lines), kit.context(sources)])


def _format_headline(answer: answers.ImageCheck) -> str:
    """Format the number of names in each state, worst first."""
    total = len(answer.images) + len(answer.without_dates) + answer.not_shown
    counts = Counter(phrases.STATE_NAMES[image.state] for image in answer.images)
    if answer.without_dates:
        counts["without dates"] = len(answer.without_dates)
    states = ", ".join(f"{count} {state}" for state, count in counts.items())
    return f"{phrases.pluralize(total, 'name')} found: {states}"


def _format_image(image: answers.CheckedImage, answer: answers.ImageCheck) -> str:
    state = f"*{phrases.STATE_NAMES[image.state]}*{' (today is the last day)' if image.is_last_day else ''}"
    is_title_needed = image.name.lower() != image.version or image.source is not None
    title = f", {kit.escape(image.title)}" if is_title_needed else ""
    parts = [f"{kit.code(image.name)}: {state}{title}"]
    parts += [_RESOLVES[image.resolves]] if image.reference is ReferenceKind.FAMILY else []
    parts += ["its image families have different dates; showing the earliest"] if image.rows_differ else []
    parts += ["not listed by that name; using the dates for its version"] if not image.is_listed else []
    parts += [_format_next_date(image, answer)]
    parts += [_format_advice(image.advice, answer)] if image.advice else []
    if image.source is not None:
        table = kit.link(image.source.url, image.source.title)
        parts += [f"dates from {table}, as of {phrases.format_as_of(image.source)}"]
    return "; ".join(parts) + "."


def _format_next_date(image: answers.CheckedImage, answer: answers.ImageCheck) -> str:
    if image.next_milestone is None or image.next_date is None:
        return "both dates have passed" if image.state is LifecycleState.UNAVAILABLE else "no upcoming dates"
    day = phrases.format_marked_date(answer.day, image.next_date, image)
    return f"{phrases.MILESTONE_NAMES[image.next_milestone]} {day}"


def _format_advice(advice: answers.Advice, answer: answers.ImageCheck) -> str:
    successor = advice.successor
    if successor is not None:
        until = successor.end_of_patch_and_support
        support = f" (patches until {phrases.format_marked_date(answer.day, until, successor)})" if until else ""
        return f"upgrade to {kit.code(successor.version)}{support}"
    if advice.is_newest:
        return "nothing newer to upgrade to yet"
    alternatives = [*advice.other_frameworks, *([advice.base] if advice.base else [])]
    supported = kit.codes((candidate.version for candidate in alternatives), " or ")
    return "no newer version is supported" + (f"; supported instead: {supported}" if supported else "")


def _format_without_dates(mention: answers.NotInCatalogue | answers.RollingFamily | answers.OtherProduct) -> str:
    name = kit.code(mention.query[:100])
    match mention:
        case answers.NotInCatalogue(neighbours=neighbours):
            closest = f"; closest: {kit.codes(neighbours)}" if neighbours else ""
            return f"{name}: not in {phrases.format_table(mention.query)} (the image might still exist){closest}."
        case answers.RollingFamily(suggestions=suggestions):
            instead = f"; ask about a version instead: {kit.codes(suggestions, ' or ')}" if suggestions else ""
            return f"{name}: a rolling family without dates{instead}."
        case answers.OtherProduct(product=product, dlvm_version=dlvm_version):
            closest = f"; the closest Deep Learning VM version is {kit.code(dlvm_version)}" if dlvm_version else ""
            return f"{name}: {kit.escape(product)}, which isn’t in Google’s table{closest}."
