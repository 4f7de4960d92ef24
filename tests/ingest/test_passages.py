"""Prose to passages: sentences whole, places exact, lists under their lead."""

from pathlib import Path

import pytest

from ingest.loaders.text import load_text
from ingest.outline import outline
from ingest.passages import LONGEST, passages, pieces, tidy
from ingest.records import Block, BlockKind, Identity, PaperKind, Passage, Place
from ingest.wording import squeeze

SHARED = Path(__file__).parents[3] / "shared" / "documents"
needs_papers = pytest.mark.skipif(not SHARED.is_dir(), reason="../shared/documents is not here")
NOBODY = Identity("", "", None, PaperKind.BUDGET)


def read(text: str, used: frozenset[int] = frozenset()) -> list[Passage]:
    blocks = [
        Block(BlockKind.LINE if line.strip() else BlockKind.BREAK, line.strip(), Place(number, number))
        for number, line in enumerate(text.strip("\n").split("\n"), 1)
    ]
    return list(passages(blocks, used, outline(blocks), (), NOBODY))


def test_a_sentence_cut_by_a_page_is_joined_and_keeps_both_lines() -> None:
    found = read("一、主要职能\n负责全市扶贫协作、对口支援和合作交流工作，推动新一批\n\n- 9 -\n\n项目落地建设。")
    assert [(p.text, p.path, p.place.line_start, p.place.line_end) for p in found] == [
        ("负责全市扶贫协作、对口支援和合作交流工作，推动新一批项目落地建设。", ("一、主要职能",), 2, 6)
    ]


def test_wrapped_lines_are_joined_into_sentences() -> None:
    line = "本单位全年公务接待费支出二点二二万元比预算减少五点七八万元主要是"
    text = "（七）三公经费情况说明\n\n" + "\n\n".join([line, "接待批次减少。"] * 5)
    found = read(text)
    assert len(found) == 1
    assert found[0].text.split("\n")[0].startswith(line + "接待批次减少。")
    assert (found[0].place.line_start, found[0].place.line_end) == (3, 21)


def test_a_list_keeps_its_lead_in_front_or_in_the_path() -> None:
    item = "主要用于会展、差旅、宣传和日常运行等各项工作支出，并按规定执行中央八项规定精神，本年度预计完成八成以上工作量，其余在下一年度完成。"
    text = "一、本级\n（四）项目支出31万元，具体包括：\n" + "\n".join(f"{n}.第{n}类业务{n}万元，{item}" for n in range(1, 7))
    found = read(text)
    assert found[0].text.startswith("（四）项目支出31万元，具体包括：\n1.第1类业务")
    assert found[0].path == ("一、本级",)
    assert found[-1].path == ("一、本级", "（四）项目支出31万元，具体包括")
    assert all(len(p.text) <= LONGEST for p in found)


def test_definitions_stand_alone() -> None:
    found = read("第八部分 名词解释\n一、基本支出：指维持运转的支出。\n二、项目支出：指完成特定任务的支出。")
    assert [p.text for p in found] == ["一、基本支出：指维持运转的支出。", "二、项目支出：指完成特定任务的支出。"]


def test_a_numbered_sentence_ends_the_heading_of_its_rank() -> None:
    found = read("第七部分 其他\n一、机关运行经费\n共106万元，比上年减少。\n二、本单位没有政府性基金预算支出。")
    assert [p.path for p in found] == [("第七部分 其他", "一、机关运行经费"), ("第七部分 其他",)]


def test_long_paragraphs_are_cut_between_sentences() -> None:
    text = "3.信息化运维100万元，" + "根据文件要求做好网站建设和系统维护工作；" * 30 + "以上合计。"
    parts = [text[a:b] for a, b in pieces(text)]
    assert "".join(parts) == text
    assert all(len(p) <= LONGEST and p[-1] in "；。" for p in parts)
    later = read("一、本级\n" + text)[1]
    assert later.path == ("一、本级", "3.信息化运维100万元")


def test_captions_contacts_and_table_blocks_are_left_out() -> None:
    text = "表 3\n支出总表\n单位：万元\n项目负责人 张某某 联系人 李某某 电话 0755-12345678\n以上各表均按规定填报。\n一、这一行属于表格。"
    assert [p.text for p in read(text, frozenset({5}))] == ["以上各表均按规定填报。"]


def test_tidy_takes_typesetting_blanks_and_emphasis_away() -> None:
    assert tidy("**1. 公务接待费。**2017 年预算数 25 万元，基 本工资") == "1. 公务接待费。2017 年预算数 25 万元，基本工资"


@pytest.mark.shared
@needs_papers
@pytest.mark.parametrize("path", sorted(SHARED.glob("*.txt")), ids=lambda p: p.name[:8])
def test_every_prose_passage_stands_on_its_lines(path: Path) -> None:
    blocks = load_text(path).blocks
    lines = path.read_text(encoding="utf-8").split("\n")
    for passage in passages(blocks, frozenset(), outline(blocks), (), NOBODY):
        source = squeeze(tidy("".join(lines[passage.place.line_start - 1 : passage.place.line_end])).replace("**", ""))
        for sentence in passage.text.split("\n"):
            assert squeeze(sentence)[:20] in source
            assert squeeze(sentence)[-20:] in source


def test_a_word_broken_before_a_number_sign_is_joined() -> None:
    text = "（一）职责\n负责全市审计工作。按照中央部署构建集中高效的体系，加强全市审计工作的统筹和协调，推动构建统\n一、全面覆盖、权威高效的体系。"
    assert [p.text.endswith("推动构建统一、全面覆盖、权威高效的体系。") for p in read(text)] == [True]


def test_a_labelled_paragraph_stands_under_the_numbered_one_that_says_whose_it_is() -> None:
    long = "加强对预算单位的业务培训力度，保持系统稳定高效运行，" * 8 + "保障目标实现。"
    text = f"一、自评结果\n（1）甲专项自评综述：根据年初设定的目标，{long}\n下一步改进措施：{long}\n（2）乙专项自评综述：得分九十分，{long}\n下一步改进措施：{long}"
    found = {p.text[:5] + p.path[-1] for p in read(text) if p.text.startswith("下一步")}
    assert found == {"下一步改进（1）甲专项自评综述", "下一步改进（2）乙专项自评综述"}


def on_pages(pages: list[list[str]]) -> list[Block]:
    """Lines of drawn pages, each page closed with a BREAK."""
    return [
        block
        for number, lines in enumerate(pages, 1)
        for block in (
            *(Block(BlockKind.LINE, text, Place(page=number, bbox=(50.0, 20.0 * n, 500.0, 20.0 * n + 12))) for n, text in enumerate(lines, 1)),
            Block(BlockKind.BREAK, "", Place(page=number)),
        )
    ]


def test_words_over_a_page_break_keep_where_the_page_turns() -> None:
    """A sentence, a list and a paragraph too long for one passage: every part says on which page it stands."""
    first, second = "负责全市扶贫协作、对口支援和合作交流工作，推动新一批", "项目落地建设。"
    long = "统筹推进各项重点工作任务按时完成并做好绩效管理。" * 10
    blocks = on_pages([["一、主要职能", first], [second, "二、主要工作", "1.组织实施帮扶项目，包括：", f"（1）{long}其余的"], [f"{long}到年底全部完成。"]])
    found = passages(blocks, frozenset(), outline(blocks), (), NOBODY)
    page = {b.text: b.place.page for b in blocks}
    parts = [(p.text[at:end], place.page) for p in found if p.turns for (at, place), end in zip(p.turns, [*(at for at, _ in p.turns[1:]), len(p.text)], strict=True)]
    assert (first, 1) in parts and (second, 2) in parts
    assert sum(len(p.turns) == 2 for p in found) == 2, [p.turns for p in found]
    assert all(any(text.strip() in printed and page[printed] == number for printed in page) for text, number in parts if "\n" not in text)
    assert all(p.place.page == p.turns[0][1].page for p in found if p.turns)
    assert not any(p.turns for p in read("一、主要职能\n负责全市扶贫协作、对口支援和合作交流工作，推动新一批\n\n项目落地建设。"))
