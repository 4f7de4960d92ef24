"""Test cases from .jsonl, YAML and Excel files, checked while they are read."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

import yaml

from eval.sheet import sheet_records

ANSWER_TYPES = ("number", "text", "list", "refusal", "clarify")
_TEXTS = ("id", "kind", "answer_type", "unit", "note")
_LISTS = ("must_contain", "must_contain_any", "must_not_contain", "not_as_answer", "items", "accept_if_contains_all", "evidence")
_KNOWN = {*_TEXTS, *_LISTS, "turns", "value", "tolerance", "route", "absolute", "ordered", "draft"}


class CaseError(Exception):
    """A case file that cannot be used; the message is Chinese and names file and line."""


@dataclass(frozen=True, slots=True)
class Item:
    """One of several figures (or, without a value, names) that an answer must hold; `value` is a Decimal or words."""

    item: str
    value: Decimal | str | None = None
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Evidence:
    """Where the answer stands: `doc` is the beginning of a file's name, `lines` are 1-based and inclusive, `page` for PDF."""

    doc: str
    lines: tuple[int, int] | None = None
    page: int | None = None
    quote: str = ""


@dataclass(frozen=True, slots=True)
class Case:
    """One test: the last of `turns` is judged. `value` and `tolerance` are in `unit`.

    `absolute`: a difference may be given with either sign. `ordered`: the items must come in this order. `draft`: written by program and not yet
    looked at by a person; it may lack what is expected, and is not run.
    """

    id: str
    turns: tuple[str, ...]
    answer_type: str
    kind: str = ""
    value: Decimal | None = None
    unit: str = ""
    tolerance: Decimal = Decimal(0)
    absolute: bool = False
    ordered: bool = False
    routes: tuple[str, ...] = ()
    must_contain: tuple[str, ...] = ()
    must_contain_any: tuple[tuple[str, ...], ...] = ()
    must_not_contain: tuple[str, ...] = ()
    not_as_answer: tuple[str, ...] = ()
    items: tuple[Item, ...] = ()
    accept_if_contains_all: tuple[str, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    draft: bool = False

    @property
    def paper(self) -> str:
        """The paper the evidence stands in ("" when the case names none, 多份 when several)."""
        docs = {e.doc for e in self.evidence}
        return "多份" if len(docs) > 1 else next(iter(docs), "")


def load_cases(paths: Sequence[Path]) -> list[Case]:
    """The cases of files, and of the .jsonl/.yaml/.yml/.xlsx files in folders, in order. Raises CaseError."""
    cases: list[Case] = []
    seen: dict[str, str] = {}
    for path in _files(paths):
        for where, record in _records(path):
            case = read_case(record, where)
            if case.id in seen:
                raise CaseError(f"{where}：编号“{case.id}”与 {seen[case.id]} 重复，请改成不同的编号。")
            seen[case.id] = where
            cases.append(case)
    return cases


def raw_records(paths: Sequence[Path]) -> Iterator[dict[str, Any]]:
    """The records of the same files as they stand, for programs that write new ones from them."""
    for path in _files(paths):
        for _, record in _records(path):
            yield record


def _files(paths: Sequence[Path]) -> Iterator[Path]:
    for path in paths:
        if path.is_dir():
            yield from sorted(p for p in path.iterdir() if p.suffix in (".jsonl", ".yaml", ".yml", ".xlsx"))
        elif path.exists():
            yield path
        else:
            raise CaseError(f"找不到用例文件：{path}")


def _records(path: Path) -> Iterator[tuple[str, Any]]:
    """(where it stands, the raw record) of every case in one file."""
    if path.suffix == ".xlsx":
        try:
            for number, record in sheet_records(path):
                yield f"{path} 第 {number} 行", record
        except ValueError as error:
            raise CaseError(f"{path}：{error}") from error
        return
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise CaseError(f"{path}：不是 UTF-8 文本，请另存为 UTF-8。") from error
    if path.suffix in (".yaml", ".yml"):
        yield from _yaml_records(path, text)
        return
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        where = f"{path} 第 {number} 行"
        try:
            yield where, json.loads(line, parse_float=Decimal)
        except json.JSONDecodeError as error:
            raise CaseError(f"{where}：不是一个完整的 JSON 对象（第 {error.colno} 个字符处）。") from error


def _yaml_records(path: Path, text: str) -> Iterator[tuple[str, Any]]:
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
        records = yaml.safe_load(text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        raise CaseError(f"{path} 第 {mark.line + 1 if mark else 1} 行：YAML 写法有误。") from error
    if not isinstance(node, yaml.SequenceNode):
        raise CaseError(f"{path} 第 1 行：YAML 用例文件应当是一个列表（每条以“- id:”开头）。")
    for item, record in zip(node.value, records, strict=True):
        yield f"{path} 第 {item.start_mark.line + 1} 行", record


def read_case(record: Any, where: str) -> Case:
    """One raw record as a Case. Raises CaseError that starts with `where`."""
    if not isinstance(record, dict):
        raise CaseError(f"{where}：一条用例应当是一个对象，现在是 {type(record).__name__}。")

    def fail(text: str) -> CaseError:
        return CaseError(f"{where}：{text}")

    for name in ("id", "turns", "answer_type"):
        if not record.get(name):
            raise fail(f"缺少必填项“{name}”。")
    unknown = sorted(set(record) - _KNOWN)
    if unknown:
        raise fail(f"不认识的字段“{'、'.join(unknown)}”。")
    for name in _TEXTS:
        if name in record and not isinstance(record[name], str):
            raise fail(f"“{name}”应当是文字。")
    for name in _LISTS:
        if name in record and not isinstance(record[name], list):
            raise fail(f"“{name}”应当是列表。")
    turns = record["turns"]
    if not isinstance(turns, list) or not all(isinstance(t, str) and t.strip() for t in turns):
        raise fail("“turns”应当是问题的列表，每个问题是一句话。")
    kind = record["answer_type"]
    if kind not in ANSWER_TYPES:
        raise fail(f"“answer_type”只能是 {'、'.join(ANSWER_TYPES)}，现在是“{kind}”。")
    draft = record.get("draft", False)
    if not isinstance(draft, bool):
        raise fail("“draft”应当是 true 或 false。")
    value = _decimal(record.get("value"), "期望数值（value）", fail)
    if kind == "number" and value is None and not record.get("items") and not draft:
        raise fail("数值题要写期望数值（value）或要点（items）。")
    if kind == "list" and not draft and not any(record.get(name) for name in ("items", "must_contain", "must_contain_any")):
        raise fail("清单题要写“items”或“must_contain”。")
    route = record.get("route") or []
    return Case(
        id=record["id"],
        turns=tuple(turns),
        answer_type=kind,
        kind=record.get("kind", ""),
        value=value,
        unit=record.get("unit", ""),
        tolerance=_decimal(record.get("tolerance"), "允许误差（tolerance）", fail) or Decimal(0),
        absolute=bool(record.get("absolute")),
        ordered=bool(record.get("ordered")),
        routes=(route,) if isinstance(route, str) else tuple(route),
        must_contain=_words(record, "must_contain", fail),
        must_contain_any=tuple(tuple(group) if isinstance(group, list) else (group,) for group in record.get("must_contain_any", [])),
        must_not_contain=_words(record, "must_not_contain", fail),
        not_as_answer=_words(record, "not_as_answer", fail),
        items=tuple(_item(i, fail) for i in record.get("items", [])),
        accept_if_contains_all=_words(record, "accept_if_contains_all", fail),
        evidence=tuple(_evidence(e, fail) for e in record.get("evidence", [])),
        draft=draft,
    )


def _words(record: dict[str, Any], name: str, fail: Any) -> tuple[str, ...]:
    words = record.get(name, [])
    if not all(isinstance(w, str) and w for w in words):
        raise fail(f"“{name}”里应当都是文字。")
    return tuple(words)


def _decimal(value: Any, name: str, fail: Any) -> Decimal | None:
    if value is None:
        return None
    if isinstance(value, bool):
        raise fail(f"“{name}”应当是数字。")
    try:
        return Decimal(str(value).replace(",", ""))
    except InvalidOperation as error:
        raise fail(f"“{name}”应当是数字，现在是“{value}”。") from error


def _item(raw: Any, fail: Any) -> Item:
    if isinstance(raw, str):
        return Item(raw)
    if not isinstance(raw, dict) or not raw.get("item"):
        raise fail("“items”里每一项应当是名称，或带“item”的对象。")
    value = raw.get("value")
    if isinstance(value, str):
        try:
            value = Decimal(value.replace(",", ""))
        except InvalidOperation:
            return Item(raw["item"], value, raw.get("unit", ""))
    return Item(raw["item"], _decimal(value, "items.value", fail), raw.get("unit", ""))


def _evidence(raw: Any, fail: Any) -> Evidence:
    if not isinstance(raw, dict) or not isinstance(raw.get("doc"), str) or not raw["doc"]:
        raise fail("“evidence”里每一项应当是带“doc”的对象。")
    lines = raw.get("lines")
    if lines is not None and not (
        isinstance(lines, list) and len(lines) == 2 and all(isinstance(n, int) for n in lines) and 1 <= lines[0] <= lines[1]
    ):
        raise fail("“evidence.lines”应当是 [起始行, 结束行]。")
    return Evidence(raw["doc"], tuple(lines) if lines else None, raw.get("page"), str(raw.get("quote", "")))
