"""A newcomer's first steps in a real browser."""

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.sandbox.driver import SandboxDriver, send_from_page

pytestmark = pytest.mark.browser


def test_a_subscription_brings_a_reminder(page: Page) -> None:
    page.click("text=/dlvm status pytorch-2.3")
    expect(page.locator("#text")).to_have_value("/dlvm status pytorch-2.3")
    page.click("#composer >> text=Send")
    expect(page.get_by_role("heading", name="PyTorch 2.3 is no longer available")).to_be_visible()
    expect(page.get_by_text("Only visible to you")).to_be_visible()
    send_from_page(page, "/dlvm subscribe pytorch-2.7")
    expect(page.get_by_text("Wed 13 Jan 2027, 09:00 (UTC)")).to_be_visible()
    page.click("text=Jump to the next reminder")
    expect(page.get_by_role("heading", name="PyTorch 2.7: 90 days left")).to_be_visible()
    expect(page.get_by_text("It’s now Wed 13 Jan 2027. 1 message was posted.")).to_be_visible()
    page.click("#messages >> text=Successor")
    expect(page.get_by_role("heading", name="PyTorch 2.7 is deprecated")).to_be_visible()


def test_stopping_reminders_needs_confirmation(page: Page, sandbox: SandboxDriver) -> None:
    send_from_page(page, "/dlvm subscribe pytorch-2.7")
    page.click("text=Jump to the next reminder")
    questions: list[str] = []

    def dismiss_then_accept(dialog: object) -> None:
        questions.append(dialog.message)  # type: ignore[attr-defined] # a playwright dialog
        dialog.dismiss() if len(questions) == 1 else dialog.accept()  # type: ignore[attr-defined] # a playwright dialog

    page.on("dialog", dismiss_then_accept)
    stop = page.get_by_role("button", name="Stop reminders about PyTorch 2.7 here")
    stop.click()
    assert "Stop reminders?" in questions[0]
    stop.click()
    expect(page.get_by_text("Unsubscribed this channel from")).to_be_visible()
    expect(page.get_by_text("No upcoming reminder")).to_be_visible()


def test_settings_are_corrected_in_a_modal(page: Page) -> None:
    send_from_page(page, "/dlvm settings")
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


def test_a_misspelt_name_is_corrected_with_a_button(page: Page) -> None:
    send_from_page(page, "/dlvm status pytroch 2.7")
    page.get_by_role("button", name="Status PyTorch 2.7").click()
    expect(page.get_by_role("heading", name="PyTorch 2.7 is deprecated")).to_be_visible()
    expect(page.get_by_text("Did you mean")).to_have_count(0)


def test_the_composer_completes_commands_and_versions(page: Page) -> None:
    page.fill("#text", "/dlvm sub")
    page.press("#text", "Tab")
    expect(page.locator("#text")).to_have_value("/dlvm subscribe pytorch-2.7")
    page.fill("#text", "/dlvm status tensorflow-2.1")
    page.press("#text", "ArrowDown")
    page.press("#text", "Tab")
    expect(page.locator("#text")).to_have_value("/dlvm status tensorflow-2.16")


def test_a_new_message_appears_without_a_reload(page: Page, sandbox: SandboxDriver) -> None:
    sandbox.client().chat_postMessage(channel="C0TRAINING", text="posted by the bot")
    expect(page.get_by_text("posted by the bot")).to_be_visible()


@pytest.mark.parametrize(("width", "height"), [(390, 844), (1280, 800)])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_fits_a_phone_and_a_laptop(
    browser: Browser, sandbox: SandboxDriver, width: int, height: int, scheme: str
) -> None:
    sandbox.send("/dlvm list all")
    sandbox.send("/dlvm status pytorch-2.9")
    opened = browser.new_page(viewport={"width": width, "height": height}, color_scheme=scheme)  # type: ignore[arg-type] # a literal type
    opened.goto(f"{sandbox.url}/c/C0TRAINING")
    assert opened.evaluate("document.documentElement.scrollWidth") <= width
    composer = opened.locator("#composer").bounding_box()
    assert composer is not None
    assert composer["y"] + composer["height"] <= height
    opened.close()
