"""The command line: `python app.py` serves the page and the API, `python app.py ask "问题"` answers once on the terminal."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path


def parser() -> argparse.ArgumentParser:
    """The options of `ask`; the server's own are in web/settings.py."""
    result = argparse.ArgumentParser(prog="python app.py ask", description="在终端回答一个问题")
    result.add_argument("question", help="问题，例如：2021年扶贫办三公经费多少")
    result.add_argument("--index", type=Path, default=Path(os.environ.get("BUDGET_QA_INDEX", "data/index")), help="索引文件夹（BUDGET_QA_INDEX）")
    result.add_argument("--json", action="store_true", help="输出接口的 JSON 对象")
    return result


def ask(arguments: Sequence[str]) -> int:
    """Answer one question; exit status 0, or 1 when there is no usable index or a setting is wrong."""
    from ingest.generations import IndexMissing
    from retrieval.assistant import Assistant
    from retrieval.model import Model
    from web.settings import BadSetting, read_settings

    options = parser().parse_args(arguments)
    try:
        # Only the chat model's settings: a wrong port must not keep a question from its answer.
        llm = read_settings({}, {name: text for name, text in os.environ.items() if name.startswith("BUDGET_QA_LLM_")}).llm
        answer = Assistant(options.index, model=Model(llm) if llm else None).ask(options.question)
    except (IndexMissing, BadSetting) as error:
        print(f"错误：{error}", file=sys.stderr)
        return 1
    if options.json:
        print(json.dumps(answer.as_json(), ensure_ascii=False, indent=2))
        return 0
    print(answer.text)
    for c in answer.citations:
        where = "，".join(filter(None, [c.table or c.section, f"第 {c.page} 页" if c.page else "", _lines(c.line_start, c.line_end)]))
        print(f"  [{c.id}] {c.document} · {where}：{c.quote[:100]}")
    for suggestion in answer.suggestions:
        print(f"  › {suggestion}")
    return 0


def _lines(start: int | None, end: int | None) -> str:
    if not start:
        return ""
    return f"第 {start} 行" if not end or end == start else f"第 {start}–{end} 行"


def main(arguments: Sequence[str] | None = None) -> int:
    """Dispatch: `ask …` or the server."""
    arguments = list(sys.argv[1:] if arguments is None else arguments)
    if arguments[:1] == ["ask"]:
        return ask(arguments[1:])
    from web.server import main as serve

    return serve(arguments)


if __name__ == "__main__":
    sys.exit(main())
