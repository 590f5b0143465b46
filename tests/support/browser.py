"""Chromium for the tests of pages: Debian's, headless, with an empty profile, and nothing downloaded.

A test module asks for it by `pytest_plugins = ("tests.support.browser",)` and the fixture `page`. Where no Chromium or
no chromedriver is installed its tests are skipped, with that reason.

PYTEST_DONT_REWRITE: test modules also import names from here, before pytest could rewrite this module's asserts.
"""

from __future__ import annotations

import os
import shutil
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
from selenium.common.exceptions import StaleElementReferenceException
from selenium.webdriver import ActionChains, Chrome, ChromeOptions
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.support.wait import WebDriverWait

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from selenium.webdriver.remote.webelement import WebElement

WAIT_S = 15
"""Longest wait for a page to become what a test expects; a pass takes milliseconds."""

LAPTOP = (1280, 800)
PHONE = (390, 844)
"""Sizes of the window in CSS pixels."""

FLAGS = (
    "--headless=new",
    "--no-sandbox",  # tests in a container run as root, where Chromium's sandbox does not start
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--force-color-profile=srgb",
    "--lang=en",
)


@dataclass(frozen=True, slots=True)
class Page:
    """One window, in the words of tests."""

    driver: Chrome

    def open(self, address: str) -> None:
        """Load a page and wait for its load event."""
        self.driver.get(address)

    def one(self, selector: str) -> WebElement:
        """Wait for the element that a CSS selector names, and give it."""
        found: WebElement = self.until(lambda driver: driver.find_element(By.CSS_SELECTOR, selector))
        return found

    def all(self, selector: str) -> list[WebElement]:
        """Give every element that matches now."""
        return self.driver.find_elements(By.CSS_SELECTOR, selector)

    def text(self, selector: str) -> str:
        """Wait for an element and give its whole text, shown or not."""
        text = self.until(lambda driver: [driver.find_element(By.CSS_SELECTOR, selector).get_attribute("textContent")])
        return str(text[0])

    def until(self, condition: Callable[[Chrome], Any]) -> Any:
        """Wait until `condition` gives something true, and give it; raises TimeoutException.

        An element that the page has just put anew is looked for again.
        """
        passing = [StaleElementReferenceException]
        return WebDriverWait(self.driver, WAIT_S, poll_frequency=0.05, ignored_exceptions=passing).until(condition)

    def run(self, script: str, *arguments: object) -> Any:
        """Run a script's body in the page; a promise that it returns is awaited."""
        return self.driver.execute_script(script, *arguments)

    def press(self, key: str) -> None:
        """Press a key, such as Keys.TAB, wherever the focus is."""
        ActionChains(self.driver).send_keys(key).perform()

    def resize(self, size: tuple[int, int]) -> None:
        """Give the page `size` in CSS pixels, two device pixels each."""
        width, height = size
        metrics = {"width": width, "height": height, "deviceScaleFactor": 2, "mobile": size == PHONE}
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)

    def prefer(self, **features: str) -> None:
        """Set what the reader prefers, such as color_scheme="dark" or reduced_motion="reduce"."""
        named = [{"name": f"prefers-{name.replace('_', '-')}", "value": features[name]} for name in features]
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": named})

    def scripts(self, *, on: bool) -> None:
        """Switch JavaScript on or off for the pages that are opened next."""
        self.driver.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": not on})

    def screenshot(self, path: Path) -> None:
        """Save what the window shows as PNG."""
        assert self.driver.save_screenshot(str(path))

    def complaints(self) -> list[str]:
        """Give what the console complained about since the last call; refused requests are no complaint."""
        entries = self.driver.get_log("browser")  # type: ignore[no-untyped-call]
        severe = [str(entry["message"]) for entry in entries if entry["level"] == "SEVERE"]
        return [message for message in severe if "Failed to load resource" not in message]


@contextmanager
def running_chromium(binary: str, driver_path: str, home: Path) -> Iterator[Chrome]:
    """Run one Chromium, which keeps what it writes in `home`."""
    options = ChromeOptions()
    options.binary_location = binary
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    for flag in (*FLAGS, f"--user-data-dir={home / 'profile'}"):
        options.add_argument(flag)
    # A named driver: Selenium looks for none, and downloads none.
    service = Service(driver_path, env={**os.environ, "HOME": str(home), "SE_OFFLINE": "true"})
    driver = Chrome(options=options, service=service)
    try:
        yield driver
    finally:
        driver.quit()


def installed() -> tuple[str, str] | None:
    """Return the paths of Chromium and its driver, or None where one is missing."""
    binary, driver_path = shutil.which("chromium") or shutil.which("chromium-browser"), shutil.which("chromedriver")
    return (binary, driver_path) if binary and driver_path else None


@pytest.fixture(scope="session")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chrome]:
    """One Chromium for the session."""
    paths = installed()
    if paths is None:
        pytest.skip("no chromium with chromedriver on PATH (Debian: apt-get install chromium chromium-driver)")
    with running_chromium(*paths, tmp_path_factory.mktemp("chromium")) as driver:
        yield driver


@pytest.fixture
def page(chromium: Chrome) -> Page:
    """A window of laptop size in the light theme, with scripts on and no complaints yet."""
    window = Page(chromium)
    window.scripts(on=True)
    window.open("about:blank")
    window.resize(LAPTOP)
    window.prefer(color_scheme="light")
    window.complaints()
    return window
