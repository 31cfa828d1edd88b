"""Documents that mean harm: script, links that run, marks that turn the text around, one line without an end."""

from __future__ import annotations

from dataclasses import replace

from crawler.document import Document
from nlp.event import Event
from tests.warehouse.told import document, event

SCRIPT = "<script>window.harmed=1</script><img src=x onerror='window.harmed=1'>"
TURNED = "\u202e合同\u2066已终止\u200f"


def told() -> tuple[list[Document], list[Event]]:
    """Three documents and their events; each carries harm in its text, title, names and address."""
    quote = f"岚桥科技与客户{SCRIPT}{TURNED}的算力服务协议终止"
    one = document(
        "h1", f"前文{SCRIPT}。{quote}。后文", published="2025-03-04", source="s<b>", title=f"标题{SCRIPT}{TURNED}",
        kind="filing",
    )  # fmt: skip
    long = "长" * 3_000_000
    two = document("h2", f"{long}H100每卡时租金12元{long}", published="2025-04-05", title="=1+1", kind="news")
    three = replace(
        document("h3", "某智算中心上架率不足三成", published="2025-05-06", kind="news"),
        url="javascript:window.harmed=1",
    )
    events: list[Event] = [
        event(
            one, "contract", quote, action="terminated", status="effective", category="compute_rental",
            company=f"岚桥{SCRIPT}", counterparty=f"=HYPERLINK(\"x\"){TURNED}", contract="]]>算力服务协议",
            amount=50_000_000, bound="exact", currency="CNY", signed_date="2024-02-01", event_date="2025-03-01",
            reason="demand",
        ),
        event(
            two, "price", "H100每卡时租金12元", kind="rent", item="H100", unit="card", gpus=1, amount=12,
            bound="exact", currency="CNY", period="hour", as_of="2025-04", cny_per_gpu_hour=12,
        ),
        event(
            three, "utilisation", "上架率不足三成", metric="rack_rate", rate=30, bound="under",
            scope=f"某智算中心{SCRIPT}", status="observed",
        ),
    ]  # fmt: skip
    return [one, two, three], events
