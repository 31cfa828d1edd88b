"""GPU models: each example marks with <> every model to be found; what follows is their canonical names."""

from __future__ import annotations

import re
from importlib.resources import files

import pytest
import yaml

from nlp.hardware import find_hardware

EXAMPLES = [
    ("<H100>和<英伟达H800>", ["H100", "H800"]),
    ("<NVIDIA GeForce RTX 4090D>与<RTX4090>", ["RTX 4090D", "RTX 4090"]),
    ("8卡<4090>服务器", ["RTX 4090"]),
    ("一张<5090>要价三万", ["RTX 5090"]),
    ("<昇腾910B>、<910C>加速卡", ["Ascend 910B", "Ascend 910C"]),
    ("<升腾 310P>推理卡", ["Ascend 310P"]),
    ("<HGX H20>服务器", ["H20"]),
    ("<H100 SXM5>与<A100-PCIe>", ["H100", "A100"]),
    ("<AMD MI300X>和<MI325X>", ["MI300X", "MI325X"]),
    ("<寒武纪MLU370-X8>、<海光K100>、<昆仑芯P800>", ["MLU370", "K100", "P800"]),
    ("<沐曦C500>、<摩尔线程S4000>", ["C500", "S4000"]),
    ("英伟达的<A10>和<T4>推理卡", ["A10", "T4"]),
    ("<H20>、<L20>可选", ["H20", "L20"]),
    ("<RTX PRO 6000>工作站显卡", ["RTX PRO 6000"]),
    # roads, terminals, indices and numbers are no models
    ("沿A10公路驶往T4航站楼", []),
    ("沪指收于4090点,显卡股大涨", []),
    ("共4090家算力企业", []),
    ("公司编号RH1001,H1000系列", []),
    ("L4级自动驾驶", []),
    ("算力芯片助力L4级自动驾驶", []),
]


@pytest.mark.parametrize(("marked", "items"), EXAMPLES)
def test_models_are_found_where_they_stand(marked: str, items: list[str]) -> None:
    text = re.sub("[<>]", "", marked)
    found = find_hardware(text)
    for model in reversed(found):
        text = text[: model.span.start] + "<" + model.span.of(text) + ">" + text[model.span.end :]
    assert text == marked
    assert [model.item for model in found] == items


@pytest.mark.parametrize(
    ("text", "gpus", "form"),
    [
        ("GB200 NVL72", 72, "rack"),
        ("GB300 NVL72机柜", 72, "rack"),
        ("GB200", None, None),
        ("昇腾384", 384, "rack"),
    ],
)
def test_a_name_tells_the_gpus_of_its_rack(text: str, gpus: int | None, form: str | None) -> None:
    (model,) = find_hardware(text)
    assert (model.gpus, model.form) == (gpus, form)


def _aliases() -> list[tuple[str, str]]:
    models = yaml.safe_load((files("nlp") / "lexicon" / "hardware.yml").read_text(encoding="utf-8"))["models"]
    return [(item, alias) for item, facts in models.items() for alias in facts["aliases"]]


@pytest.mark.parametrize(("item", "alias"), _aliases())
def test_every_alias_of_the_lexicon_is_read_as_its_model(item: str, alias: str) -> None:
    for printed in {alias, alias.replace(" ", ""), alias.replace(" ", "-")}:
        assert [model.item for model in find_hardware(f"单卡{printed},显存")] == [item]
