"""Short names of bodies in other places than the five papers': found by the swap of names (python -m eval.rename)."""

import pytest

from ingest.wording import key
from retrieval.vocabulary import Bodies, DepartmentMention, Entity, abbreviates, department_spans, region_spans


@pytest.mark.parametrize(
    ("short", "full"),
    [
        ("武侯市场监管局", "成都市武侯区市场监督管理局"),
        ("天府城管局", "成都市天府新区城市管理局"),
        ("福田政数局", "深圳市福田区政务服务数据管理局"),
        ("市卫健委", "成都市卫生健康委员会"),
        ("州文化宫服务中心", "延边朝鲜族自治州工人文化宫服务中心"),
        ("长白山管委会", "长白山保护开发区管理委员会"),
    ],
)
def test_a_short_name_is_cut_from_the_full_one(short: str, full: str) -> None:
    assert abbreviates(short, full) > 0


def _entity(name: str) -> Entity:
    return Entity(name, key(name), False, frozenset())


@pytest.mark.parametrize("name", ["长白山保护开发区管理委员会", "长白山经济技术开发区管理委员会", "长白山新区总工会"])
def test_a_place_stands_for_its_body_whatever_kind_of_place_it_is(name: str) -> None:
    spans = region_spans("长白山法律服务费", Bodies([_entity(name), _entity("延吉市教育局")]))
    assert [(s.start, s.end) for s in spans if s.kind == "department"] == [(0, 3)]


@pytest.mark.parametrize(
    ("question", "foreign"),
    [("上城区住房和城乡建设局2023年三公经费", "上城"), ("西湖区住房和城乡建设局2023年三公经费", ""), ("2023年区住建局三公经费", "")],
)
def test_the_same_body_of_another_district_is_foreign(question: str, foreign: str) -> None:
    mentions = [s.value for s in department_spans(question, Bodies([_entity("杭州市西湖区住房和城乡建设局")]))]
    assert [m.foreign for m in mentions if isinstance(m, DepartmentMention)][-1] == foreign
