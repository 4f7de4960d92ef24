"""An answer as Markdown for the chat: everything that comes from papers, models or people is escaped, and the only links are our own.

Links: `#cite-KEY-N` opens citation N of the answer KEY (web/static/app.js).
"""

from __future__ import annotations

import html
import re
from decimal import Decimal, InvalidOperation
from typing import Any

from web.wording import ROUTES

_MARK = re.compile(r"\[(\d{1,3})\]")
# what Markdown would read as a link, an image, a heading, code or a rule; ** stays, for answers set their figures in bold
_ACTIVE = re.compile(r"([\\`_\[\]|~$#])")
_ADDRESS = re.compile(r"(?i)(?:(?:https?|ftp|mailto|xmpp)(?=:)|www(?=\.)|[\w.+-](?=@))")


def escaped(text: str) -> str:
    """Text that shows as itself in Markdown, but for **bold** and line breaks."""
    text = _ACTIVE.sub(r"\\\1", html.escape(text, quote=False))
    # Markdown makes links of bare addresses: a zero-width space keeps them text
    return _ADDRESS.sub("\\g<0>\u200b", text)


def unescaped(markdown: str) -> str:
    """The text that `escaped` was given."""
    return html.unescape(re.sub(r"\\([\\`_\[\]|~$#])", r"\1", markdown).replace("\u200b", ""))


def cited(text: str, key: str, known: frozenset[int]) -> str:
    """Escaped text in which [n] opens citation n of the answer `key`, when there is one."""
    pieces = _MARK.split(text)
    out = [escaped(pieces[0])]
    for number, rest in zip(pieces[1::2], pieces[2::2], strict=True):
        out.append(_chip(int(number), key) if int(number) in known else escaped(f"[{number}]"))
        out.append(escaped(rest))
    return "".join(out)


def answer_markdown(answer: dict[str, Any], key: str) -> str:
    """The whole message for an answer of the contract: text, figures, chart, checks and the folded calculation."""
    known = frozenset(citation["id"] for citation in answer["citations"])
    parts = [
        cited(answer["answer"], key, known),
        "" if _listed(answer) else _figures(answer["values"], key, known),
        _chart(answer["chart"]),
        _checks(answer["checks"]),
        _fold(answer),
    ]
    return "\n\n".join(part for part in parts if part)


def _chip(number: int, key: str) -> str:
    return f"[{number}](#cite-{key}-{number})"


def _listed(answer: dict[str, Any]) -> bool:
    """Whether the text already lists every figure on a line of its own: a table would only say it again."""
    items = sum(line.lstrip().startswith(("- ", "* ", "1. ")) for line in answer["answer"].splitlines())
    return 0 < len(answer["values"]) <= items


def _figures(values: list[dict[str, Any]], key: str, known: frozenset[int]) -> str:
    if len(values) < 2:
        return ""
    rows = []
    for value in values:
        marks = " ".join(_chip(number, key) for number in value["citations"] if number in known)
        rows.append(f"| {_cell(value['label'])} | {_cell(_grouped(value['value']))} | {_cell(value['unit'])} | {marks} |")
    return "\n".join(("| 项目 | 数值 | 单位 | 出处 |", "| :-- | --: | :-- | :-- |", *rows))


def _chart(chart: dict[str, Any] | None) -> str:
    """Bars from zero, as plain elements: the length says the share of the largest figure, negative ones are marked."""
    points = [(str(point["label"]), _number(point["value"])) for point in (chart or {}).get("points", ())]
    bars = [(name, number) for name, number in points if number is not None]
    if len(bars) < 2:
        return ""
    largest = max(abs(number) for _, number in bars) or Decimal(1)
    unit = _inline(str((chart or {}).get("unit") or ""))
    rows = "".join(
        f'<div class="bar-row"><span class="bar-name">{_inline(name)}</span>'
        f'<span class="bar-track"><span class="bar{" minus" if number < 0 else ""}" style="width:{float(abs(number) / largest * 100):.1f}%"></span></span>'
        f'<span class="bar-value">{_grouped(str(number))} {unit}</span></div>'
        for name, number in bars[:12]
    )
    return f'<div class="bars">{rows}</div>'


def _checks(checks: list[dict[str, Any]]) -> str:
    lines = [f"⚠ **勾稽不符**：{escaped(check['detail'])}" for check in checks if check["status"] == "broken"]
    held = sum(check["status"] == "ok" for check in checks)
    if held:
        lines.append(f'<span class="check-held">✓ 引用的数字通过 {held} 项勾稽核对</span>')
    return "\n\n".join(lines)


def _fold(answer: dict[str, Any]) -> str:
    """How the answer came about, folded: formulas, checks held, the query with its parameters, the way taken and the time."""
    lines = [f"<p>{html.escape(value['label'])} = {html.escape(value['formula'])}</p>" for value in answer["values"] if value["formula"]]
    lines += [f"<p>✓ {html.escape(check['detail'])}</p>" for check in answer["checks"] if check["status"] == "ok"]
    query = answer["query"] or {}
    if query.get("sql"):
        # blank lines would end the HTML block, and Markdown would read what follows
        sql = re.sub(r"\n\s*\n", "\n", str(query["sql"]))
        lines.append(f"<pre>{html.escape(sql)}</pre>")
        lines += [f"<p>参数：{html.escape('，'.join(str(value) for value in query['params']))}</p>"] if query.get("params") else []
    if not lines:
        return ""
    route = ROUTES.get(answer["route"], answer["route"])
    lines.append(f'<p class="fold-foot">{html.escape(route)} · 用时 {answer["elapsed_ms"]:.0f} 毫秒</p>')
    body = re.sub(r"\s*\n\s*", "<br>", "".join(lines))
    return f"<details><summary>查看计算与 SQL</summary>{body}</details>"


def _cell(text: str) -> str:
    return escaped(" ".join(str(text).split()))


def _inline(text: str) -> str:
    # a blank line would end the HTML block, and Markdown would read what follows
    return html.escape(" ".join(text.split()))


def _number(value: Any) -> Decimal | None:
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def _grouped(value: str) -> str:
    number = _number(value)
    return value if number is None else f"{number:,f}"
