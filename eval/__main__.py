"""`python -m eval`: run the test set. `compare`: what changed between two runs. `paraphrase`: the same questions asked otherwise.
`template`: an Excel sheet to fill in. `from-feedback`: draft cases from what visitors said of answers. `suggest`: draft cases from the
store's facts. `mutate`: whether a wrong figure would be noticed. `metamorphic`: answers held against answers."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from tqdm import tqdm

from eval import report
from eval.casefile import CaseError, load_cases, raw_records
from eval.clients import ClientError, Http, InProcess
from eval.compare import compare, read_report, show
from eval.feedback import drafts, judged
from eval.metamorphic import table as relations_table
from eval.metamorphic import tried
from eval.mutate import mutate
from eval.mutate import table as mutation_table
from eval.paraphrase import paraphrased
from eval.run import in_index, run
from eval.sheet import write_template
from eval.suggest import suggest
from ingest.generations import IndexMissing
from ingest.records import Unreadable

CASES = Path(__file__).parent / "cases"


def parser() -> argparse.ArgumentParser:
    """The options of a run."""
    result = argparse.ArgumentParser(prog="python -m eval", description="运行评测用例并给出报告；python -m eval compare 旧.json 新.json 比较两次结果")
    _add_cases(result)
    where = result.add_mutually_exclusive_group()
    _add_index(where)
    where.add_argument("--url", help="改为向正在运行的服务提问，例如 http://127.0.0.1:7860")
    result.add_argument("--jobs", type=int, default=None, help="同时提问的数量（默认：本进程 1，服务 4）")
    result.add_argument("--json", type=Path, metavar="FILE", help="把结果写成 JSON")
    result.add_argument("--html", type=Path, metavar="FILE", help="把结果写成单个网页")
    result.add_argument("--progress", action="store_true", help="每答完一题在标准错误里写一行“进度 3/100”，供其他程序读取")
    _add_bar(result, "正确率")
    return result


def _add_index(options: Any) -> None:
    options.add_argument(
        "--index", type=Path, default=Path(os.environ.get("BUDGET_QA_INDEX", "data/index")), help="索引文件夹（默认 data/index，BUDGET_QA_INDEX）"
    )


def _add_cases(options: argparse.ArgumentParser) -> None:
    options.add_argument(
        "--cases", type=Path, nargs="+", metavar="PATH", help="用例文件或文件夹（.jsonl/.yaml/.xlsx）；不写则用自带用例中证据在索引里的那些"
    )


def _add_bar(options: argparse.ArgumentParser, what: str) -> None:
    options.add_argument("--fail-under", type=float, metavar="RATE", default=0.0, help=f"{what}低于此值（如 0.95）时以 1 退出")


def _compare_parser() -> argparse.ArgumentParser:
    options = argparse.ArgumentParser(prog="python -m eval compare", description="比较两份评测结果；有变差的用例时以 1 退出")
    options.add_argument("before", type=Path, help="旧结果（--json 生成）")
    options.add_argument("after", type=Path, help="新结果")
    return options


def _template_parser() -> argparse.ArgumentParser:
    options = argparse.ArgumentParser(prog="python -m eval template", description="生成可在 Excel 里填写的用例表")
    options.add_argument("output", type=Path, help="写到这个 .xlsx 文件")
    return options


def _paraphrase_parser() -> argparse.ArgumentParser:
    options = argparse.ArgumentParser(prog="python -m eval paraphrase", description="把用例里的问题换个说法写成新用例，期望答案不变")
    options.add_argument("cases", type=Path, nargs="+", help="用例文件")
    options.add_argument("output", type=Path, help="写到这个 .jsonl 文件")
    return options


def _feedback_parser() -> argparse.ArgumentParser:
    options = argparse.ArgumentParser(prog="python -m eval from-feedback", description="把网页上的 👍/👎 和意见写成用例草稿，由人改好后再用")
    _add_index(options)
    options.add_argument("--out", type=Path, required=True, metavar="FILE", help="写到这个 .jsonl 文件（不覆盖已有文件）")
    return options


def _suggest_parser() -> argparse.ArgumentParser:
    options = argparse.ArgumentParser(
        prog="python -m eval suggest", description="从索引里的数据写出用例草稿，各份文件、各张表、各类问题均衡，由人核对后再用"
    )
    _add_index(options)
    options.add_argument("--count", type=int, default=50, metavar="N", help="写几条（默认 50）")
    options.add_argument("--seed", type=int, default=0, metavar="S", help="随机种子，相同则结果相同（默认 0）")
    options.add_argument("--out", type=Path, required=True, metavar="FILE", help="写到这个 .jsonl 文件（不覆盖已有文件）")
    return options


def _metamorphic_parser() -> argparse.ArgumentParser:
    options = argparse.ArgumentParser(
        prog="python -m eval metamorphic",
        description="不看期望答案，只看回答之间是否相符：问两遍、元与万元、甲减乙与乙减甲、分项与合计；草稿里的问题也用",
    )
    _add_index(options)
    _add_cases(options)
    _add_bar(options, "相符的比例")
    return options


def _mutate_parser() -> argparse.ArgumentParser:
    options = argparse.ArgumentParser(
        prog="python -m eval mutate", description="在索引的副本里每次改错一个表内金额，看用例和勾稽核对能不能发现；低于要求时以 1 退出"
    )
    _add_index(options)
    _add_cases(options)
    options.add_argument("--count", type=int, default=50, metavar="N", help="改几处（默认 50）")
    options.add_argument("--seed", type=int, default=0, metavar="S", help="随机种子，相同则结果相同（默认 0）")
    _add_bar(options, "发现率")
    return options


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit status 0; 1 under the bar or on a regression; 2 when nothing could be run."""
    arguments = list(sys.argv[1:] if arguments is None else arguments)
    try:
        if arguments and arguments[0] in COMMANDS:
            options, command = COMMANDS[arguments[0]]
            return command(options().parse_args(arguments[1:]))
        return _run(parser().parse_args(arguments))
    except (CaseError, ClientError, IndexMissing, Unreadable) as error:
        print(f"错误：{error}", file=sys.stderr)
        return 2


def _run(options: argparse.Namespace) -> int:
    cases = load_cases(options.cases or [CASES])
    ready = [c for c in cases if not c.draft]
    if len(ready) < len(cases):
        print(f"略去草稿 {len(cases) - len(ready)} 条：核对、改好期望后删去“draft”再运行。", file=sys.stderr)
    client = Http(options.url) if options.url else InProcess(options.index)
    # Named files are run whole: a paper that failed to get into the index must show as wrong answers, not as fewer cases.
    chosen = ready if options.cases else in_index(ready, client.documents())
    if not chosen:
        why = "文件里都是草稿。" if cases and not ready else "索引里没有用例所依据的文件。"
        raise CaseError(f"没有可以运行的用例：{why}")
    with _bar(len(chosen), "评测", "题") as bar:

        def progress(done: int, total: int) -> None:
            bar.update()
            if options.progress:
                print(f"进度 {done}/{total}", file=sys.stderr, flush=True)

        results = run(chosen, client, options.jobs or (4 if options.url else 1), progress)
    found = report.summary(results)
    print(report.table(found, len(ready) - len(chosen)))
    if options.json:
        options.json.write_text(json.dumps(found, ensure_ascii=False, indent=1), encoding="utf-8")
    if options.html:
        options.html.write_text(report.page(found), encoding="utf-8")
    if found["accuracy"] < options.fail_under:
        print(f"正确率 {found['accuracy']:.1%} 低于要求的 {options.fail_under:.1%}", file=sys.stderr)
        return 1
    return 0


def _bar(total: int, what: str, unit: str) -> tqdm:
    return tqdm(total=total, desc=what, unit=unit, disable=not sys.stderr.isatty())


def _compare(options: argparse.Namespace) -> int:
    before, after = read_report(options.before), read_report(options.after)
    comparison = compare(before, after)
    print(show(comparison, before, after))
    return 1 if comparison.worse else 0


def _template(options: argparse.Namespace) -> int:
    write_template(options.output)
    print(f"已写入 {options.output}，填好后运行 python -m eval --cases {options.output}")
    return 0


def _paraphrase(options: argparse.Namespace) -> int:
    load_cases(options.cases)  # says what is wrong with the files before they are used
    records = list(paraphrased(raw_records(options.cases)))
    _write(records, options.output)
    print(f"{len(records)} 条用例已写入 {options.output}")
    return 0


def _from_feedback(options: argparse.Namespace) -> int:
    _refuse_overwriting(options.out)
    return _written_drafts(list(drafts(judged(options.index), InProcess(options.index))), options.out)


def _suggest(options: argparse.Namespace) -> int:
    _refuse_overwriting(options.out)
    return _written_drafts(suggest(options.index, options.count, options.seed), options.out)


def _metamorphic(options: argparse.Namespace) -> int:
    client = InProcess(options.index)
    found = list(tried(in_index(load_cases(options.cases or [CASES]), client.documents()), client))
    print(relations_table(found))
    return 1 if sum(not t.broken for t in found) < options.fail_under * len(found) else 0


def _mutate(options: argparse.Namespace) -> int:
    cases = [c for c in load_cases(options.cases or [CASES]) if not c.draft]
    cases = in_index(cases, InProcess(options.index).documents())
    with _bar(options.count, "改动", "处") as bar:
        outcomes = mutate(options.index, cases, options.count, options.seed, bar.update)
    print(mutation_table(outcomes))
    return 1 if sum(o.noticed for o in outcomes) < options.fail_under * len(outcomes) else 0


def _written_drafts(records: Sequence[dict[str, Any]], path: Path) -> int:
    _write(records, path)
    print(f"{len(records)} 条草稿已写入 {path}。核对、改好期望后删去“draft”，即可用 python -m eval --cases {path} 运行。")
    return 0


def _refuse_overwriting(path: Path) -> None:
    # Somebody may have worked on the drafts that stand there.
    if path.exists():
        raise CaseError(f"{path} 已经存在，请换一个文件名。")


def _write(records: Iterable[dict[str, Any]], path: Path) -> None:
    path.write_text("".join(json.dumps(r, ensure_ascii=False, default=str) + "\n" for r in records), encoding="utf-8")


COMMANDS: dict[str, tuple[Callable[[], argparse.ArgumentParser], Callable[[argparse.Namespace], int]]] = {
    "compare": (_compare_parser, _compare),
    "paraphrase": (_paraphrase_parser, _paraphrase),
    "template": (_template_parser, _template),
    "from-feedback": (_feedback_parser, _from_feedback),
    "suggest": (_suggest_parser, _suggest),
    "metamorphic": (_metamorphic_parser, _metamorphic),
    "mutate": (_mutate_parser, _mutate),
}


if __name__ == "__main__":
    sys.exit(main())
