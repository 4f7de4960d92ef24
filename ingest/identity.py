"""Blocks -> Identity: which department, which year, which kind of paper – from what the paper prints, never from its file name."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence

from ingest.records import Block, BlockKind, Identity, PaperKind, Scope
from ingest.wording import squeeze

_YEAR = r"(?P<year>(?:19|20)\d\d|二[〇○零0][一二三四五六七八九〇○零]{2})年(?:度)?"
_WHAT = r"(?P<what>部门预算|部门决算|单位预算|单位决算|预算公开|决算公开|预算|决算)"
_TITLES = (
    re.compile(rf"^(?:[一二三四五六七八九]+、|第[一二三四五六七八九]部分)?(?:关于)?{_YEAR}(?P<who>[^\d，。；：:,;|]{{2,45}}?){_WHAT}"),
    re.compile(rf"^(?:[一二三四五六七八九]+、|第[一二三四五六七八九]部分)?(?:关于)?(?P<who>[^\d，。；：:,;|]{{2,45}}?){_YEAR}(?:的)?{_WHAT}"),
)
_YEAR_ONLY_TITLE = re.compile(rf"^{_YEAR}(?:度)?{_WHAT}(?:公开|说明|报告|情况说明|草案|信息公开|编制说明)*$")
_LABELLED = re.compile(
    r"(?:单位名称|部门名称|编制部门|编制单位|填报单位|填报部门|公开部门|公开单位|预算单位名称|预算单位|预算部门|编报单位|编报部门|申请单位|申报单位|一级预算单位|主管部门"
    r"|部门[(（]单位[)）]名称|部门/单位|部门(?=[:：])|单位(?=[:：]))(?:及?(?:代码|编码))?[:：|]?(?P<who>[^|:：]{3,45}?)(?=$|\||单位[:：]|金额单位|公开|日期|\d{4}年)"
)
_ORGANISATION_END = re.compile(
    r"(?:局|委|办|厅|院|部|会|署|社|团|队|馆|所|站|校|学|中心|公室|银行|公司|政府|法院|检察院|总工会|联合会|委员会|办公室|学校|大学|学院|医院|园|组|处|台|行|库|协|联|基地|街道|镇|乡|区|县|市|司令部|库|指挥部|纪委监委)(?:[(（](?:本级|机关|本部|部门|汇总|系统)[)）])?(?:本级|机关)?$"
)
_NOT_ORGANISATION = re.compile(
    r"实施单位|主管部门|万元|元$|单位[:：]|表$|名称|预算数|^(?:年|年度|本|我|各|该|和|的|关于|一般|政府|全)|目标|项目|情况|公开$|金额|合计|总表|。|科目|收入|支出|明细"
)
_CHINESE_DIGIT = {c: str(i) for i, c in enumerate("〇一二三四五六七八九")} | {"○": "0", "零": "0", "0": "0"}
_OWN = re.compile(r"[(（](?:本级|机关|本部)[)）]|本级$|机关本级")
_WHOLE = re.compile(r"[(（](?:汇总|部门|系统|全系统)[)）]$")
# Words that often stand between the department and the kind in a title and belong to neither.
_TITLE_TAIL = re.compile(r"(?:的|部门|单位|汇总|度|年|编制|信息)+$")


def identify(blocks: Sequence[Block]) -> Identity:
    """Who, which year and what kind. A paper that names no department gets "" (the pipeline reports it); year None when none is printed."""
    lines = [squeeze(b.text) for b in blocks if b.kind is BlockKind.LINE and b.text.strip()]
    head = lines[:60]
    rows = [re.sub(r"\|{2,}", "|", squeeze(b.text)) for b in blocks if b.kind is BlockKind.ROW][:4000]
    titles = list(_titles(head, lines[:1500]))
    kind = _kind(titles, lines, rows)
    department, scope = _department(titles, lines, rows)
    year = _year(titles, lines, rows, kind)
    return Identity(_title(titles, head, department, year, kind), department, year, kind, scope)


def _arabic(year: str) -> int:
    return int("".join(_CHINESE_DIGIT.get(c, c) for c in year))


def _joined(head: Sequence[str]) -> Iterable[str]:
    """Lines, and two to four neighbouring short lines as one: a cover page breaks its title."""
    for start in range(len(head)):
        for length in (1, 2, 3, 4):
            piece = head[start : start + length]
            if len(piece) == length and (length == 1 or all(len(line) <= 30 for line in piece)):
                yield "".join(piece)


def _titles(head: Sequence[str], lines: Sequence[str]) -> Iterable[tuple[str, int, str, str]]:
    """(whole line, year, who, what) of everything that reads as a title; the cover first."""
    cover = head[: next((i for i, line in enumerate(head) if re.fullmatch(r"目录", line)), min(len(head), 12))]
    for line in [*_joined(cover), *lines]:
        if len(line) > 90 or re.search(r"[，。；]", line):
            continue
        for pattern in _TITLES:
            found = pattern.match(line)
            if found:
                who = _trim_organisation(found["who"])
                if who:
                    yield line, _arabic(found["year"]), who, found["what"]
                break


def _trim_organisation(text: str) -> str:
    text = _TITLE_TAIL.sub("", re.sub(r"^\d{3,}[_-]?", "", text.strip("“”《》\"'_-—|")))
    if not _ORGANISATION_END.search(text) or _NOT_ORGANISATION.search(text) or len(text) < 3:
        return ""
    return text


def _kind(titles: Sequence[tuple[str, int, str, str]], lines: Sequence[str], rows: Sequence[str]) -> PaperKind:
    votes: Counter[PaperKind] = Counter()
    for weight, (_, _, _, what) in zip([5, 3, 3, 2, 2, 1, 1, 1], titles, strict=False):
        votes[PaperKind.FINAL if "决算" in what else PaperKind.BUDGET] += weight
    heads = [line for line in lines if len(line) <= 40]
    forms = sum(1 for line in heads if re.search(r"绩效目标(?:申报|批复)?表(?:[(（].*[)）])?$|绩效自评表$", line))
    statutory = sum(1 for line in heads if re.search(r"(?:收支|收入|支出)(?:预算|决算)?总(?:体情况)?表$|决算总表$", line))
    body = Counter({"决算": sum(line.count("决算") for line in lines + list(rows)), "预算": sum(line.count("预算") for line in lines)})
    if not votes:
        if forms and not statutory:
            return PaperKind.TARGETS
        if body["决算"] > body["预算"]:
            return PaperKind.FINAL
        if body["预算"]:
            return PaperKind.BUDGET if statutory or not forms else PaperKind.TARGETS
        return PaperKind.OTHER
    return votes.most_common(1)[0][0]


def _department(titles: Sequence[tuple[str, int, str, str]], lines: Sequence[str], rows: Sequence[str]) -> tuple[str, Scope]:
    votes: Counter[str] = Counter()
    own: Counter[str] = Counter()

    def vote(printed: str, weight: int) -> None:
        name = _OWN.sub("", _WHOLE.sub("", printed))
        if len(name) >= 3:
            votes[name] += weight
            own[name] += weight if _OWN.search(printed) else 0

    for weight, (_, _, who, _) in zip([6, 4, 3, 2, 2, 1, 1], titles, strict=False):
        vote(who, weight)
    for text in [*lines, *rows]:
        if len(text) > 200 or not re.search(r"单位|部门", text):
            continue
        found = _LABELLED.search(text.replace("|", "", 1) if "|" in text[:14] else text)
        who = _trim_organisation(found["who"]) if found else ""
        if who:
            vote(who, 1)
    if not votes:  # tables without a heading of their own: a cell that is nothing but a body's full name
        for text in rows:
            for cell in text.split("|"):
                if re.match(r"[\u4e00-\u9fff]{2,6}[省市区县州][\u4e00-\u9fff]{2,18}$", cell) and _trim_organisation(cell):
                    vote(cell, 1)
    if not votes:
        for line in lines[:8]:  # a cover that prints the name alone
            who = _trim_organisation(line)
            if who and 4 <= len(who) <= 30:
                vote(who, 1)
                break
    if not votes:
        return "", Scope.TOTAL
    # The full name beats its own shortening when both are printed (深圳市人民政府办公厅 over 市政府办公厅).
    best = max(votes, key=lambda name: (votes[name], len(name)))
    longer = [name for name in votes if name.endswith(best) and len(name) > len(best)]
    if longer:
        best = max(longer, key=lambda name: votes[name])
    return best, Scope.OWN if own[best] * 2 > votes[best] else Scope.TOTAL


def _year(titles: Sequence[tuple[str, int, str, str]], lines: Sequence[str], rows: Sequence[str], kind: PaperKind) -> int | None:
    votes: Counter[int] = Counter()
    for weight, (_, year, _, _) in zip([50, 20, 10, 5, 5, 5], titles, strict=False):
        votes[year] += weight
    for line in [*_joined(lines[:12]), *lines[:400]]:
        found = _YEAR_ONLY_TITLE.match(line)
        if found:
            votes[_arabic(found["year"])] += 20
    if not votes:
        texts = [*lines, *rows]
        for text in texts:
            for year in re.findall(r"((?:19|20)\d\d)年(?:度|(?:初)?预算|决算)?", text):
                votes[int(year)] += 1
            for year in re.findall(r"(?:^|[(（])(20\d\d)年?度?[)）]?$", text) if len(text) < 40 else ():
                votes[int(year)] += 10
    return votes.most_common(1)[0][0] if votes else None


def _title(titles: Sequence[tuple[str, int, str, str]], head: Sequence[str], department: str, year: int | None, kind: PaperKind) -> str:
    for line, _, who, _ in titles:
        if _OWN.sub("", who) in department or department in who:
            return re.sub(r"^(?:[一二三四五六七八九]+、|第[一二三四五六七八九]部分)", "", line)[:80]
    what = {PaperKind.BUDGET: "部门预算", PaperKind.FINAL: "部门决算", PaperKind.TARGETS: "项目支出绩效目标"}.get(kind, "")
    if department:
        return f"{department}{year or ''}{'年' if year else ''}{what}"
    return (head[0] if head else "")[:80]
