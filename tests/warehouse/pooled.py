"""An extractor that another process can import."""

from __future__ import annotations

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
