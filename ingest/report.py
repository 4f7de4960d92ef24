"""The receipt of an ingest: per document every table with what was read, the accounts' checks with both places, and what was not understood.

Written as JSON (the object of GET /api/checks) or as one page of HTML, by the file's ending.
"""

from __future__ import annotations

import html
import json
from pathlib import Path
from typing import Any

from ingest import generations
from ingest.stores.facts import FactStore

STATUS = {"ok": "成立", "broken": "不成立", "not_checkable": "无法核对"}


def checks_object(store: FactStore, document: str | None = None, status: str | None = None) -> dict[str, Any]:
    """The contract's answer to GET /api/checks."""
    everything = store.checks(document)
    papers = {row["id"]: row for row in store.documents()}
    items = [
        {
            "id": f"{check['document']}:{check['number']}",
            "document": check["document"],
            "document_name": papers[check["document"]]["name"],
            **{k: check[k] for k in ("kind", "status", "detail", "expected", "found")},
            "citations": _citations(store, check, papers),
        }
        for check in everything
        if status is None or check["status"] == status
    ]
    count = {s: sum(c["status"] == s for c in everything) for s in STATUS}
    return {"held": count["ok"], "broken": count["broken"], "not_checkable": count["not_checkable"], "items": items}


def _citations(store: FactStore, check: dict[str, Any], papers: dict[str, dict[str, Any]]) -> list[dict[str, Any]]:
    """Everything a check points to: the paper's figures, its words, and figures of another paper, which say whose they are."""
    found = [c for fact in store.facts_of(check["document"], check["facts"] or []) for c in citations(fact)]
    found += [{"section": "", "table": None, "row": [], "column": [], **_where(q), "quote": q["text"]} for q in check["quotes"] or []]
    for document, number in check["others"] or []:
        paper = papers[document]
        whose = {"document_id": document, "document": paper["name"], "title": paper["title"]}
        found += [{**whose, **c} for fact in store.facts_of(document, [number]) for c in citations(fact)]
    return found


def citations(fact: dict[str, Any]) -> list[dict[str, Any]]:
    """A fact's place as the contract's citation object has it (without the document's own fields); one for each page that its quote stands on."""
    whole = {
        "section": " / ".join(fact["section"] or []),
        "table": fact["table_label"] or None,
        "row": fact["rows"],
        "column": fact["columns"],
        **_where(fact),
        "quote": fact["quote"].strip(" |"),
    }
    turns = fact.get("turns") or []
    ends = [at for at, *_ in turns[1:]] + [len(fact["quote"])]
    return [{**whole, "page": page, "bbox": bbox, "quote": fact["quote"][at:end].strip(" |")} for (at, page, bbox), end in zip(turns, ends, strict=False)] or [whole]


def _where(item: dict[str, Any]) -> dict[str, Any]:
    return {k: item[k] for k in ("page", "bbox", "sheet", "cell", "line_start", "line_end")}


def write_report(path: Path, index: Path) -> None:
    """Write the report of the whole index to `path` (.json or .html)."""
    store = FactStore(generations.current(index) / generations.FACTS, readonly=True)
    if path.suffix.lower() == ".json":
        text = json.dumps(checks_object(store), ensure_ascii=False, indent=1)
    else:
        text = _page(store)
    store.close()
    path.write_text(text, encoding="utf-8")


def _place(item: dict[str, Any]) -> str:
    parts = [f"《{item['title']}》"] if item.get("document_id") else []
    if item["page"]:
        parts.append(f"第 {item['page']} 页")
    if item["sheet"]:
        parts.append(f"{item['sheet']}!{item['cell'] or ''}")
    if item["line_start"]:
        parts.append(f"第 {item['line_start']} 行")
    return "，".join(parts)


_STYLE = """body{font:15px/1.6 "Microsoft YaHei","PingFang SC","Noto Sans CJK SC",sans-serif;margin:2em auto;max-width:1100px;padding:0 1em;color:#1f2933}
h1{font-size:1.5em}h2{font-size:1.2em;border-bottom:2px solid #2457a5;padding-bottom:.2em;margin-top:2em}
table{border-collapse:collapse;width:100%;margin:.6em 0}th,td{border:1px solid #cbd5e1;padding:.25em .6em;text-align:left;vertical-align:top}
th{background:#eef3fb}.broken{background:#fdecea}.quote{color:#52606d;font-size:.9em}summary{cursor:pointer;margin:.5em 0}"""


def _page(store: FactStore) -> str:
    body = []
    for row in store.documents():
        body.append(_document(store, row))
    return (
        f'<!DOCTYPE html><html lang="zh-CN"><meta charset="utf-8"><title>读取与勾稽报告</title><style>{_STYLE}</style>'
        f"<h1>读取与勾稽报告</h1>{''.join(body)}</html>"
    )


def _document(store: FactStore, row: dict[str, Any]) -> str:
    e = html.escape
    document = store.document(row["id"])
    checks = checks_object(store, row["id"])
    counts: dict[int, int] = {}
    for fact in store.facts(row["id"]):
        if fact["table_index"] is not None:
            counts[fact["table_index"]] = counts.get(fact["table_index"], 0) + 1
    tables = "".join(
        f"<tr><td>{e(t['number'])}</td><td>{e(t['title'])}</td><td>{e(t['unit'])}</td><td>{counts.get(t['index'], 0)}</td>"
        f"<td>{e(_place(t))}</td><td>{'空表' if t['empty'] else ''}{e(t['doubtful'])}</td></tr>"
        for t in document["tables"]
    )
    broken = "".join(_check(item) for item in checks["items"] if item["status"] == "broken")
    held = "".join(_check(item) for item in checks["items"] if item["status"] != "broken")
    problems = "".join(f"<tr><td>{e(p['kind'])}</td><td>{e(p['detail'])}</td><td>{e(_place(p))}</td></tr>" for p in row["problems"] or [])
    return (
        f"<h2>{e(row['title'])}</h2><p>{e(row['name'])}：{e(row['department'])}，{row['year'] or '年度不明'}，{e(row['kind'])}；"
        f"表 {row['tables']}，数据 {row['facts']}，段落 {row['passages']}；勾稽成立 {checks['held']}，不成立 {checks['broken']}，无法核对 {checks['not_checkable']}</p>"
        + (f"<table><tr><th>不成立的勾稽关系</th><th>应为</th><th>所见</th><th>出处</th></tr>{broken}</table>" if broken else "")
        + f"<details><summary>表格（{row['tables']}）</summary><table><tr><th>表号</th><th>名称</th><th>单位</th><th>数据</th><th>位置</th><th>说明</th></tr>{tables}</table></details>"
        + f"<details><summary>其余勾稽关系</summary><table><tr><th>关系</th><th>应为</th><th>所见</th><th>出处</th></tr>{held}</table></details>"
        + (f"<details><summary>跳过或存疑</summary><table>{problems}</table></details>" if problems else "")
    )


def _check(item: dict[str, Any]) -> str:
    e = html.escape
    places = "<br>".join(f'{e(_place(c))} <span class="quote">{e(c["quote"][:120])}</span>' for c in item["citations"])
    return (
        f'<tr class="{e(item["status"])}"><td>[{STATUS[item["status"]]}] {e(item["detail"])}</td><td>{e(item["expected"])}</td>'
        f"<td>{e(item['found'])}</td><td>{places}</td></tr>"
    )
