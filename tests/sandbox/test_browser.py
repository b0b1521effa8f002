"""The main story in a real browser, as a newcomer lives it."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.sandbox.driver import SandboxDriver

pytestmark = pytest.mark.browser


@pytest.fixture
def page(browser: Browser, sandbox: SandboxDriver) -> Iterator[Page]:
    opened = browser.new_page(viewport={"width": 1280, "height": 800})
    opened.set_default_timeout(60_000)
    problems: list[str] = []
    opened.on("pageerror", lambda error: problems.append(str(error)))
    opened.on("console", lambda message: problems.append(message.text) if message.type == "error" else None)
    opened.goto(sandbox.url)
    yield opened
    opened.close()
    assert problems == []


def say(page: Page, text: str) -> None:
    page.fill("#text", text)
    page.press("#text", "Escape")
    page.click("#composer >> text=Send")


def test_ask_subscribe_move_the_clock_and_be_reminded(page: Page) -> None:
    page.click("text=/dlvm status pytorch-2.3")
    expect(page.locator("#text")).to_have_value("/dlvm status pytorch-2.3")
    page.click("#composer >> text=Send")
    expect(page.get_by_role("heading", name="PyTorch 2.3 is no longer available")).to_be_visible()
    expect(page.get_by_text("Only visible to you")).to_be_visible()
    say(page, "/dlvm subscribe pytorch-2.7")
    expect(page.get_by_text("Wed 13 Jan 2027, 09:00 (UTC)")).to_be_visible()
    page.click("text=Jump to the next reminder")
    expect(page.get_by_role("heading", name="PyTorch 2.7: 90 days left")).to_be_visible()
    expect(page.get_by_text("1 message posted on the way to Wed 13 Jan 2027.")).to_be_visible()
    page.click("#messages >> text=Successor")
    expect(page.get_by_role("heading", name="PyTorch 2.7 is deprecated")).to_be_visible()


def test_unsubscribing_asks_back_first(page: Page, sandbox: SandboxDriver) -> None:
    say(page, "/dlvm subscribe pytorch-2.7")
    page.click("text=Jump to the next reminder")
    asked: list[str] = []

    def refuse_then_accept(dialog: object) -> None:
        asked.append(dialog.message)  # type: ignore[attr-defined] # a playwright dialog
        dialog.dismiss() if len(asked) == 1 else dialog.accept()  # type: ignore[attr-defined] # the same

    page.on("dialog", refuse_then_accept)
    stop = page.get_by_role("button", name="Stop reminders about PyTorch 2.7 here")
    stop.click()
    assert "Stop reminders?" in asked[0]
    stop.click()
    expect(page.get_by_text("Unsubscribed this channel from")).to_be_visible()
    expect(page.get_by_text("No reminder ahead")).to_be_visible()


def test_settings_in_a_modal_with_a_mistake_in_between(page: Page) -> None:
    say(page, "/dlvm settings")
    page.click("#messages >> text=Change")
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Time zone").fill("Mars")
    dialog.get_by_text("Save").click()
    expect(dialog.get_by_role("alert")).to_contain_text("is not a time zone")
    dialog.get_by_label("Time zone").fill("asia/taipei")
    dialog.get_by_label("Hour", exact=True).fill("18:30")
    dialog.get_by_text("Save").click()
    expect(dialog.get_by_text("18:30")).to_be_visible()
    expect(dialog).to_contain_text("Asia/Taipei")
    dialog.get_by_text("Done").click()
    expect(dialog).to_have_count(0)


def test_a_misspelt_name_is_mended_with_a_button(page: Page) -> None:
    say(page, "/dlvm status pytroch 2.7")
    page.get_by_role("button", name="Status PyTorch 2.7").click()
    expect(page.get_by_role("heading", name="PyTorch 2.7 is deprecated")).to_be_visible()
    expect(page.get_by_text("Did you mean")).to_have_count(0)


def test_the_composer_completes_commands_and_names(page: Page) -> None:
    page.fill("#text", "/dlvm sub")
    page.press("#text", "Tab")
    expect(page.locator("#text")).to_have_value("/dlvm subscribe pytorch-2.7")
    page.fill("#text", "/dlvm status tensorflow-2.1")
    page.press("#text", "ArrowDown")
    page.press("#text", "Tab")
    expect(page.locator("#text")).to_have_value("/dlvm status tensorflow-2.16")


def test_a_message_from_elsewhere_appears_by_itself(page: Page, sandbox: SandboxDriver) -> None:
    sandbox.client().chat_postMessage(channel="C0TRAINING", text="from elsewhere")
    expect(page.get_by_text("from elsewhere")).to_be_visible()


@pytest.mark.parametrize(("width", "height"), [(390, 844), (1280, 800)])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_overflows_on_a_phone_or_a_laptop(
    browser: Browser, sandbox: SandboxDriver, width: int, height: int, scheme: str
) -> None:
    sandbox.send("/dlvm list all")
    sandbox.send("/dlvm status pytorch-2.9")
    opened = browser.new_page(viewport={"width": width, "height": height}, color_scheme=scheme)  # type: ignore[arg-type] # one of two words
    opened.goto(f"{sandbox.url}/c/C0TRAINING")
    assert opened.evaluate("document.documentElement.scrollWidth") <= width
    composer = opened.locator("#composer").bounding_box()
    assert composer is not None
    assert composer["y"] + composer["height"] <= height
    opened.close()
