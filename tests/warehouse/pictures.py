"""Pictures of the report and of an event's page, made from the demo: `python -m tests.warehouse.pictures`."""

from __future__ import annotations

import tempfile
from pathlib import Path

from tests.warehouse.browser import browsing
from tests.warehouse.serving import serving
from warehouse import ask, demo
from warehouse.home import Home
from warehouse.report.write import write

PICTURES = Path(__file__).parents[2] / "docs" / "pictures"


def take(folder: Path) -> None:
    """Write report.png and event.png."""
    demo.run(folder / "demo")
    home = Home(folder / "demo")
    report = write(home, folder / "report.html").file
    ((event_id,),) = ask.sql(home, "SELECT event_id FROM cancellations WHERE company_code = '300798'").rows
    PICTURES.mkdir(parents=True, exist_ok=True)
    with browsing(folder / "profile") as browser, serving(home) as address:
        for name, page, height in (
            ("report", report.as_uri(), 1500),
            ("event", f"{address}/event/{event_id}", 900),
        ):
            browser.size(1000, height)
            browser.open(page)
            browser.driver.save_screenshot(str(PICTURES / f"{name}.png"))


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        take(Path(folder))
