"""These tests take minutes, so they come last but for the browser's: Playwright keeps an event loop
running in this thread from its first test to the end, and a call to 111 could not be placed after it."""

import pytest


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    def late(item: pytest.Item) -> tuple[bool, bool]:
        return item.get_closest_marker("browser") is not None, item.get_closest_marker(
            "compose"
        ) is not None

    items.sort(key=late)
