from collections.abc import Generator

import pytest

from tests.compose.containers import Containers


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """With a failure goes what the containers said, for they are gone when somebody reads of it."""
    report = yield
    up = getattr(item, "funcargs", {}).get("up")
    if report.failed and isinstance(up, Containers):
        report.sections.append(("containers", up.logs()))
    return report
