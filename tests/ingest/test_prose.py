"""Amounts in sentences: subject, year, 口径, sign and unit of each, whole sentences compared."""

from pathlib import Path

import pytest

from ingest.outline import outline
from ingest.prose import stated_facts
from ingest.records import Block, BlockKind, Identity, PaperKind, Place
from tests.ingest.papers import needs_papers, read, read_text, shared


def lines(paper) -> list[str]:
    return [
        f"{f.rows[0]} | {'/'.join(f.columns)} | {f.amount.value}{f.amount.unit} | {f.year} {f.stage.value if f.stage else '-'}" for f in paper.stated
    ]


def test_total_change_rate_and_parts(tmp_path: Path) -> None:
    text = "2024年示例市档案局部门预算支出120万元，比2023年减少30万元，减少20%。其中：人员支出80万元、公用支出10万元、项目支出30万元。\n"
    assert lines(read_text(tmp_path, text)) == [
        "部门预算支出 |  | 120万元 | 2024 预算",
        "部门预算支出 | 比2023年增减 | -30万元 | 2024 预算",
        "部门预算支出 | 比2023年增减率 | -20% | 2024 预算",
        "人员支出 |  | 80万元 | 2024 预算",
        "公用支出 |  | 10万元 | 2024 预算",
        "项目支出 |  | 30万元 | 2024 预算",
    ]


def test_a_clause_without_a_subject_takes_the_items_heading(tmp_path: Path) -> None:
    text = "2.公务接待费。2024 年预算数 5 万元，比 2023 年减少 3 万元。\n"
    assert lines(read_text(tmp_path, text)) == ["公务接待费 | 预算数 | 5万元 | 2024 预算", "公务接待费 | 比2023年增减 | -3万元 | 2024 预算"]


def test_what_there_is_and_what_is_to_be_bought(tmp_path: Path) -> None:
    text = (
        "截至2023年底，本部门共有车辆9辆，其中：机要通信用车2辆；单价100万元以上设备3台（套）。"
        "2024年计划购置车辆7辆，主要是购置2辆机要通信用车、5辆其他用车。单价100万元以上设备1台（套）。\n"
    )
    assert [(f.rows[0], str(f.amount.value), f.year) for f in read_text(tmp_path, text).stated] == [
        ("车辆", "9", 2023),
        ("机要通信用车", "2", 2023),
        ("单价100万元以上设备", "3", 2023),
        ("计划购置车辆", "7", 2024),
        ("购置机要通信用车", "2", 2024),
        ("购置其他用车", "5", 2024),
        ("购置单价100万元以上设备", "1", 2024),
    ]


def test_last_years_figure_of_an_unchanged_item(tmp_path: Path) -> None:
    text = "3.公务用车购置和运行维护费。公务用车购置费2024年预算数0万元，与2023年预算数0万元持平。\n"
    assert lines(read_text(tmp_path, text)) == ["公务用车购置费 | 预算数 | 0万元 | 2024 预算", "公务用车购置费 | 预算数 | 0万元 | 2023 预算"]


def test_planned_and_executed_in_one_sentence(tmp_path: Path) -> None:
    text = "2.公务接待费。全年预算8万元，支出2.22万元，支出比预算减少5.78万元，执行率27.75%。共16批次、152人次。\n"
    assert lines(read_text(tmp_path, text, PaperKind.FINAL)) == [
        "公务接待费 |  | 8万元 | 2024 预算",
        "公务接待费 |  | 2.22万元 | 2024 决算",
        "公务接待费 | 比预算增减 | -5.78万元 | 2024 决算",
        "公务接待费 | 执行率 | 27.75% | 2024 决算",
        "公务接待费 |  | 16批次 | 2024 -",
        "公务接待费 |  | 152人次 | 2024 -",
    ]


def test_counts_thresholds_and_titles_of_documents(tmp_path: Path) -> None:
    text = "实有车辆3辆，其中：一般公务用车2辆；单位价值50万元以上通用设备1台（套）。根据《关于2023年100万元项目的通知》执行，不超过5%以内。\n"
    assert lines(read_text(tmp_path, text)) == [
        "实有车辆 |  | 3辆 | 2024 -",
        "一般公务用车 |  | 2辆 | 2024 -",
        "单位价值50万元以上通用设备 |  | 1台（套） | 2024 -",
    ]


def test_a_unit_named_by_its_section_is_whose_the_amount_is(tmp_path: Path) -> None:
    text = "第三部分 部门预算支出具体情况\n\n一、示例市档案局本级\n\n（一）人员支出 8 万元，主要是工资。\n\n二、市城建档案馆\n\n（一）人员支出 3 万元，主要是工资。\n"
    assert [(f.organisation, f.scope.value, str(f.amount.value)) for f in read_text(tmp_path, text).stated] == [
        ("示例市档案局本级", "本级", "8"),
        ("市城建档案馆", "下属单位", "3"),
    ]


def test_staff_of_a_unit_named_by_its_item(tmp_path: Path) -> None:
    text = "二、机构编制情况\n\n系统总编制数 26 人，实有人数 21 人。\n\n1. 市档案局本级编制数 20 人，实有人数 17 人。\n\n2. 市房产馆编制数 6 人，实有人数 4 人；退休 3 人。\n"
    assert [(f.organisation, f.scope.value, f.rows, f.amount.printed) for f in read_text(tmp_path, text).stated] == [
        ("示例市档案局", "汇总", ("系统总编制数",), "26 人"),
        ("示例市档案局", "汇总", ("实有人数",), "21 人"),
        ("市档案局本级", "本级", ("编制数",), "20 人"),
        ("市档案局本级", "本级", ("实有人数",), "17 人"),
        ("市房产馆", "下属单位", ("编制数",), "6 人"),
        ("市房产馆", "下属单位", ("实有人数",), "4 人"),
        ("市房产馆", "下属单位", ("退休",), "3 人"),
    ]


def test_a_sentence_cut_by_a_page_is_one_sentence(tmp_path: Path) -> None:
    text = "1.库房维护 20 万元，主要用于库房的日常维护和温湿度控制设备的更新。本项目预算较2023\n\n年预算增加 5 万元，主要是设备老化。\n"
    facts = read_text(tmp_path, text).stated
    assert [(f.rows[0], f.columns, str(f.amount.value), f.place.line_start) for f in facts] == [
        ("库房维护", (), "20", 1),
        ("库房维护", ("比2023年增减",), "5", 1),
    ]
    assert facts[1].quote == "本项目预算较2023年预算增加 5 万元，主要是设备老化。"


@pytest.mark.shared
@needs_papers
@pytest.mark.parametrize(
    ("words", "line"),
    [
        ("2021_深圳市", "公务接待费 | 预算数 | 5万元 | 2021 预算"),
        ("2021_深圳市", "机关运行经费 | 比2020年增减 | -18万元 | 2021 预算"),
        ("2019_", "“三公”经费 | 执行率 | 5.78% | 2019 决算"),
        ("2019_", "车改补贴 |  | 17.34万元 | 2019 决算"),
        ("2017_", "机关运行经费 |  | 584万元 | 2017 预算"),
        ("2021_福田", "网格信息管理 |  | 647.60万元 | 2021 预算"),
    ],
)
def test_real_papers(words: str, line: str) -> None:
    assert line in lines(read(shared(words)))


def test_the_innermost_subject_of_a_classified_item_and_an_expense(tmp_path: Path) -> None:
    text = "1.一般公共服务支出（类）档案事务（款）行政运行（项）20万元，比上年增加5万元。“三公”经费财政拨款支出决算2万元。\n"
    assert lines(read_text(tmp_path, text)) == [
        "行政运行 |  | 20万元 | 2024 预算",
        "行政运行 | 比上年增减 | 5万元 | 2024 预算",
        "“三公”经费 |  | 2万元 | 2024 预算",
    ]


def test_rows_are_whole_nouns(tmp_path: Path) -> None:
    text = """一、说明

5.机关事业单位基本养老保险缴费支出（2080505）138.16万元，较上年增加7.40万元，增长5.66%。

“一般公共服务支出-政府办公厅（室）及相关机构事务-行政运行”科目12.95万元，主要用于基本支出。

预留抢险、抢修等临时性新增及新申报项目（防汛）88.30万元。

主要原因是政策调整，增加基本支出44.15万元。

与上年相比减少3.61万元，减少0.9%。

公务用车购置及运行维护费12万元（公务用车运行维护费12万元）比上年减少4万元。

援建前方指挥部建议5万元。
"""
    assert [(f.rows[-1], *f.columns, str(f.amount.value)) for f in read_text(tmp_path, text).stated] == [
        ("机关事业单位基本养老保险缴费支出", "138.16"),
        ("机关事业单位基本养老保险缴费支出", "比上年增减", "7.40"),
        ("机关事业单位基本养老保险缴费支出", "比上年增减率", "5.66"),
        ("行政运行", "12.95"),
        ("预留抢险、抢修等临时性新增及新申报项目（防汛）", "88.30"),
        ("基本支出", "比上年增减", "44.15"),
        ("说明", "比上年增减", "-3.61"),
        ("说明", "比上年增减率", "-0.9"),
        ("公务用车购置及运行维护费", "12"),
        ("公务用车运行维护费", "12"),
        ("公务用车购置及运行维护费", "比上年增减", "-4"),
        ("援建前方指挥部", "5"),
    ]


def test_a_project_in_its_review_and_what_it_reached(tmp_path: Path) -> None:
    text = """（1）档案征集经费绩效自评综述：根据年初设定的目标，项目自评得分94.5分。项目全年预算数80万元，执行数60万元，预算执行率75%。
"""
    assert [(f.rows[-1], *f.columns, f.measure.value, str(f.amount.value)) for f in read_text(tmp_path, text).stated] == [
        ("档案征集经费", "自评得分", "分值", "94.5"),
        ("档案征集经费", "预算数", "金额", "80"),
        ("档案征集经费", "执行数", "金额", "60"),
        ("档案征集经费", "预算执行率", "比率", "75"),
    ]


def test_last_year_is_the_year_before_the_papers(tmp_path: Path) -> None:
    facts = read_text(tmp_path, "2024年收入预算30万元，比上年预算数28万元增加2万元，增长7.1%。\n").stated
    assert [(f.year, *f.columns, str(f.amount.value)) for f in facts][:2] == [(2024, "30"), (2023, "预算数", "28")]


def test_a_sentence_over_a_page_break_says_which_part_stands_on_which_page() -> None:
    first, second = "2024年示例市档案局部门预算支出120万元，其中人员支出80万元，其余用于档案库房的", "日常维护，安排公用支出10万元。"
    blocks = [Block(BlockKind.LINE, first, Place(page=3)), Block(BlockKind.BREAK, "", Place(page=3)), Block(BlockKind.LINE, second, Place(page=4))]
    facts = stated_facts(blocks, frozenset(), (), Identity("", "示例市档案局", 2024, PaperKind.BUDGET))
    assert [f.rows[0] for f in facts] == ["部门预算支出", "人员支出", "公用支出"]
    for fact in facts:
        (start, above), (turn, below) = fact.turns
        assert (fact.quote[start:turn], above.page, fact.quote[turn:], below.page) == (first, 3, second, 4)


def test_a_code_before_a_name_is_no_part_of_it(tmp_path: Path) -> None:
    paper = read_text(tmp_path, "（一）2080501-行政单位离退休29.48万元。主要用于离退休人员支出。\n")
    assert [(f.rows[0], f.code, str(f.amount.value)) for f in paper.stated] == [("行政单位离退休", "2080501", "29.48")]


def test_a_figure_stands_under_the_heading_above_it_not_under_the_last_of_its_page() -> None:
    lines = ["一、机关运行经费情况", "2024年机关运行经费预算12万元。", "二、国有资产占有情况", "2024年共有车辆3辆。"]
    blocks = [Block(BlockKind.LINE, t, Place(page=2, bbox=(50.0, 20.0 * n, 500.0, 20.0 * n + 12))) for n, t in enumerate(lines)]
    facts = stated_facts(blocks, frozenset(), outline(blocks), Identity("", "示例市档案局", 2024, PaperKind.BUDGET))
    assert [(f.rows[0], f.section) for f in facts] == [("机关运行经费", (lines[0],)), ("车辆", (lines[2],))]


def test_the_innermost_of_class_section_and_item_is_the_subject_of_its_sentence(tmp_path: Path) -> None:
    text = "2.社会保障和就业支出（类）行政事业单位养老支出（款）基本养老保险缴费支出（项）年初预算为60.00万元，支出决算为63.28万元，完成年初预算的105.47%。\n"
    assert lines(read_text(tmp_path, text, PaperKind.FINAL)) == [
        "基本养老保险缴费支出 |  | 60.00万元 | 2024 预算",
        "基本养老保险缴费支出 |  | 63.28万元 | 2024 决算",
        "基本养老保险缴费支出 | 预算完成率 | 105.47% | 2024 预算",
    ]
