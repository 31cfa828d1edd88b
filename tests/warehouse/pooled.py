"""An extractor that another process can import."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence

from crawler.document import Document
from nlp.event import Event
from tests.warehouse.told import event


def one_price(read: Document) -> Sequence[Event]:
    amount = re.search(r"(\d+)元", read.text)
    return (
        [event(read, "price", kind="purchase", item="A100", unit="card", gpus=1, amount=amount[1])]
        if amount
        else []
    )


def by_process(read: Document) -> Sequence[Event]:
    """One price; its rule names the process that read it."""
    return [
        event(
            read, "price", kind="purchase", item="A100", unit="card", amount=7, rule=f"process {os.getpid()}"
        )
    ]
