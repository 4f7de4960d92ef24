"""Results -> terminal table, the contract's JSON, and one self-contained HTML page."""

from __future__ import annotations

import html
import json
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from importlib.resources import files
from typing import Any

from eval.run import Result
from eval.score import exact_figure, key_facts, percentile, wilson

# The kinds of our own case files; a kind that is not listed is shown as the file writes it.
_KINDS = {
    "lookup": "查数", "compare": "比较", "difference": "差额", "growth": "增减幅度", "share": "占比", "execution": "执行率", "sum": "合计",
    "count": "计数", "computed": "计算", "refusal": "拒答", "rank": "排名", "filter": "筛选", "list": "清单", "definition": "名词解释", "indicator": "绩效指标", "which-table": "在哪张表",
    "meta": "有哪些资料", "dialogue": "多轮对话", "unit": "单位换算", "clarify": "反问", "injection": "注入攻击", "prose": "文字说明",
    "contradiction": "前后不一", "absent-year": "没有的年份", "absent-department": "没有的部门", "absent-stage": "没有的口径",
    "absent-item": "没有的项目", "absent": "没有的资料", "blank": "空白格", "out-of-scope": "无关问题", "privacy": "个人信息",
    "spoken": "口语",
}  # fmt: skip
_TYPES = {"number": "数值", "text": "文字", "list": "清单", "refusal": "拒答", "clarify": "反问"}


def summary(results: Sequence[Result]) -> dict[str, Any]:
    """The contract's JSON object. Rates are 0 to 1; a rate over nothing is 0."""
    right = sum(r.verdict.ok for r in results)
    cited = [r.citations for r in results if r.citations is not None]
    quotes = sum(c.total for c in cited)
    routed = [r.route_ok for r in results if r.route_ok is not None]
    confident = sum(r.verdict.confident_wrong for r in results)
    refusals = [r for r in results if r.case.answer_type == "refusal"]
    clarifies = [r for r in results if r.case.answer_type == "clarify"]
    answerable = [r for r in results if r.case.answer_type not in ("refusal", "clarify")]
    facts = [key_facts(r.case, r.answer) for r in answerable]
    numeric = [r for r in results if r.case.value is not None]
    times = [ms for r in results for ms in r.ms]
    # Relevance is asked of right answers that cite and have evidence: a wrong answer is already counted, a missing citation too.
    judged = [r.citations for r in results if r.citations is not None and r.citations.present and r.verdict.ok and r.case.evidence]
    return {
        "accuracy": _rate(right, len(results)),
        "wilson": list(wilson(right, len(results))),
        "confident_wrong": _rate(confident, len(results)),
        "score": _rate(sum(_points(r) for r in results), len(results)),
        "counts": {
            "total": len(results),
            "right": right,
            "wrong": len(results) - right,
            "confident_wrong": confident,
            "by_type": _groups(results, lambda r: r.case.answer_type),
            "by_kind": _groups(results, lambda r: kind_name(r.case.kind) or _TYPES[r.case.answer_type]),
            "by_paper": _groups(results, lambda r: r.case.paper or "（未指明）"),
            "by_department": _groups(results, _department_of(results)),
            "by_route": _groups(results, lambda r: r.answer["route"]),
            "with_evidence": len(judged),
            "routes": {"right": sum(routed), "total": len(routed)},
        },
        "refusal": {
            "recall": _rate(sum(r.verdict.ok for r in refusals), len(refusals)),
            "false": sum(r.answer["status"] == "refused" for r in answerable),
        },
        "clarify": {
            "recall": _rate(sum(r.verdict.ok for r in clarifies), len(clarifies)),
            "needless": sum(r.answer["status"] == "clarify" for r in answerable),
        },
        "dialogue": _dialogue(results),
        "numeric": {"exact": sum(exact_figure(r.case, r.answer) for r in numeric), "total": len(numeric)},
        "key_facts": {"found": sum(n for n, _ in facts), "total": sum(n for _, n in facts)},
        "citations": {
            "present": _rate(sum(c.present for c in cited), len(cited)),
            "faithful": _rate(sum(c.faithful for c in cited), quotes),
            "relevant": _rate(sum(c.relevant for c in judged), len(judged)),
        },
        "latency_ms": {"p50": round(percentile(times, 0.5), 1), "p95": round(percentile(times, 0.95), 1)},
        "cases": [_case(r) for r in results],
    }


def _rate(part: float, whole: int) -> float:
    return round(part / whole, 4) if whole else 0.0


def _points(result: Result) -> int:
    """+1 right, 0 when it refused or asked back, −1 wrong."""
    if result.verdict.ok:
        return 1
    return 0 if result.answer["status"] in ("refused", "clarify") else -1


def _groups(results: Iterable[Result], by: Callable[[Result], str]) -> dict[str, dict[str, int]]:
    total, right = Counter(), Counter()
    for r in results:
        total[by(r)] += 1
        right[by(r)] += r.verdict.ok
    return {name: {"right": right[name], "total": total[name]} for name in sorted(total)}


def _department_of(results: Sequence[Result]) -> Callable[[Result], str]:
    """Whose paper a case is about, as any citation of the run names the department of that paper."""
    named = {c["document"]: c["department"] for r in results for c in r.answer["citations"]}

    def department(result: Result) -> str:
        if not result.case.evidence:
            return "（未指明）"
        found = {name for paper, name in named.items() if any(paper.startswith(e.doc) for e in result.case.evidence)}
        return "多个部门" if len(found) > 1 else next(iter(found), "（未指明）")

    return department


def _dialogue(results: Sequence[Result]) -> dict[str, Any]:
    """Follow-ups that are right, by the turn they are; `whole` counts the dialogues in which every earlier turn that is a case too is right."""
    follow_ups = [r for r in results if len(r.case.turns) > 1]
    wrong = {r.case.turns for r in results if not r.verdict.ok}
    whole = sum(not any(r.case.turns[:n] in wrong for n in range(1, len(r.case.turns) + 1)) for r in follow_ups)
    return {
        "right": sum(r.verdict.ok for r in follow_ups),
        "total": len(follow_ups),
        "whole": whole,
        "by_turn": _groups(follow_ups, lambda r: f"第 {len(r.case.turns)} 句"),
    }


def _case(result: Result) -> dict[str, Any]:
    cited = result.citations
    return {
        "id": result.case.id,
        "ok": result.verdict.ok,
        "why": result.verdict.why,
        "confident_wrong": result.verdict.confident_wrong,
        "kind": kind_name(result.case.kind),
        "answer_type": result.case.answer_type,
        "paper": result.case.paper,
        "turns": list(result.case.turns),
        "expected": expected(result),
        "answer": result.answer["answer"],
        "status": result.answer["status"],
        "route": result.answer["route"],
        "values": result.answer["values"],
        "citations": result.answer["citations"],
        "unfaithful": list(cited.unfaithful) if cited else [],
        "relevant": cited.relevant if cited else None,
        "query": result.answer["query"],
        "suggestions": list(result.answer["suggestions"]),
        "ms": round(sum(result.ms), 1),
    }


def kind_name(kind: str) -> str:
    """A kind as the report prints it."""
    return _KINDS.get(kind, kind)


def expected(result: Result) -> str:
    """What the case wants, in one Chinese line."""
    case = result.case
    parts = [_TYPES[case.answer_type]]
    if case.value is not None:
        parts.append(f"{case.value:f}{case.unit}" + (f"（±{case.tolerance:f}）" if case.tolerance else ""))
    parts += [i.item if i.value is None else f"{i.item}={i.value}{i.unit or case.unit}" for i in case.items]
    parts += [f"含“{w}”" for w in case.must_contain]
    parts += ["含“" + "/".join(group) + "”" for group in case.must_contain_any]
    return "；".join(parts)


def table(report: dict[str, Any], skipped: int = 0) -> str:
    """The report for the terminal."""
    counts, low_high = report["counts"], report["wilson"]
    lines = []
    for title, name in (("类型", "by_kind"), ("部门", "by_department"), ("文件", "by_paper"), ("路径", "by_route")):
        lines.append(f"按{title}")
        lines += [f"  {_pad(k, 34)}{v['right']:>5} / {v['total']:<5}{v['right'] / v['total']:>7.1%}" for k, v in counts[name].items()]
    wrong = [c for c in report["cases"] if not c["ok"]]
    if wrong:
        lines.append("未通过")
        lines += [f"  {c['id']}（{' → '.join(c['turns'])}）：{c['why']}" for c in wrong]
    unfaithful = [(c["id"], q) for c in report["cases"] for q in c["unfaithful"]]
    lines += [f"  引文与原文不符 {i}：{q}" for i, q in unfaithful]
    lines.append(f"正确 {counts['right']} / {counts['total']} = {report['accuracy']:.1%}（95% 区间 {low_high[0]:.1%}–{low_high[1]:.1%}）")
    cited, late = report["citations"], report["latency_ms"]
    lines.append(
        f"自信答错 {report['confident_wrong']:.1%}；误拒 {report['refusal']['false']}；多余反问 {report['clarify']['needless']}；"
        f"得分 {report['score']:.2f}（对 +1，拒答 0，错 −1）"
    )
    numeric, facts, talk = report["numeric"], report["key_facts"], report["dialogue"]
    turns = "，".join(f"{turn} {n['right']}/{n['total']}" for turn, n in talk["by_turn"].items())
    lines.append(
        f"数值全对 {numeric['exact']} / {numeric['total']}；要点 {facts['found']} / {facts['total']}；"
        f"追问 {talk['right']} / {talk['total']}（{turns or '无'}；整段都对 {talk['whole']}）"
    )
    lines.append(f"引用：有 {cited['present']:.1%}，与原文一致 {cited['faithful']:.1%}，切题 {cited['relevant']:.1%}")
    lines.append(f"用时：p50 {late['p50']:.0f} 毫秒，p95 {late['p95']:.0f} 毫秒" + (f"；略去不在索引中的用例 {skipped} 条" if skipped else ""))
    return "\n".join(lines)


def _pad(text: str, width: int) -> str:
    """Left-aligned to a width in terminal columns, where a Chinese character takes two."""
    used = sum(2 if ord(c) > 0x2E7F else 1 for c in text)
    return text + " " * max(1, width - used)


def page(report: dict[str, Any]) -> str:
    """One HTML file with everything in it: figures, bars by kind and paper, every case with filters."""
    template = files("eval").joinpath("report.html").read_text(encoding="utf-8")
    # Inside a script element only "<" can end it, so it is written as an escape.
    data = json.dumps(report, ensure_ascii=False).replace("<", "\\u003c")
    return template.replace("{{title}}", html.escape(f"评测报告 {report['counts']['right']}/{report['counts']['total']}")).replace("{{data}}", data)
