"""python -m ingest: read papers into the index, with a progress bar and one line a document at the end."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from tqdm import tqdm

from ingest.backup import backup, restore
from ingest.engines import CHROMA, DASK, set_engines
from ingest.generations import IndexBusy, IndexMissing
from ingest.pipeline import Outcome, Report, cores, find_sources, ingest, rebuild, remove
from ingest.records import Unreadable
from ingest.report import write_report
from ingest.stores.passages import WrongEmbedder

BAR = "{desc}：{n_fmt}/{total_fmt} 个文件 |{bar:24}| 已用 {elapsed}，约剩 {remaining}{postfix}"
STATUS = {"added": "新增", "replaced": "更新", "unchanged": "未变", "removed": "删除", "failed": "失败"}


def parser() -> argparse.ArgumentParser:
    """The command's options; each has an environment variable too."""
    result = argparse.ArgumentParser(prog="python -m ingest", description="把预算、决算文件读入索引")
    result.add_argument("paths", nargs="*", type=Path, help="文件或文件夹（默认 data/documents）")
    _add_index(result)
    result.add_argument(
        "--embedding", default=os.environ.get("BUDGET_QA_EMBEDDING"), help="向量模型：本地文件夹或名称（BUDGET_QA_EMBEDDING；默认自建）"
    )
    result.add_argument("--chroma-url", default=os.environ.get(CHROMA, ""), help=f"Chroma 服务器的地址（{CHROMA}；默认不用，向量存在索引文件夹里）")
    result.add_argument("--dask-url", default=os.environ.get(DASK, ""), help=f"Dask 调度器的地址，如 tcp://10.0.0.1:8786（{DASK}；默认在本机读取文件）")
    result.add_argument("--report", type=Path, help="把读取结果和勾稽关系写入文件（.json 或 .html）")
    result.add_argument("--remove", action="store_true", help="从索引中删除列出的文件（写文件名或编号）")
    result.add_argument("--rebuild", action="store_true", help="用已保存的原件重建整个索引")
    result.add_argument("--jobs", type=_jobs, default=cores(), help="同时读取几个文件（默认为处理器核数）")
    result.add_argument("--quiet", action="store_true", help="不显示进度条")
    return result


def _jobs(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= 256:
        raise argparse.ArgumentTypeError(f"“{text}”应为 1 到 256 的整数")
    return int(text)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; the exit status is 0, or 1 if a file could not be read (the others are in)."""
    arguments = list(sys.argv[1:] if arguments is None else arguments)
    if arguments[:1] in (["backup"], ["restore"]):
        return _keep(arguments)
    options = parser().parse_args(arguments)
    try:
        set_engines({CHROMA: options.chroma_url, DASK: options.dask_url})
        report = _run(options)
    except (Unreadable, IndexMissing, IndexBusy, WrongEmbedder) as error:
        print(f"错误：{error}", file=sys.stderr)
        return 1
    except OSError as error:
        print(f"错误：无法写入 {options.index}（{error.strerror or error}），请检查路径、权限和磁盘空间。", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("已取消，原来的索引没有改动。", file=sys.stderr)
        return 130
    for outcome in report.outcomes:
        print(line(outcome))
    print(f"共 {len(report.outcomes)} 个文件，失败 {len(report.failed)} 个；索引：{options.index}")
    if options.report:
        try:
            write_report(options.report, options.index)
        except OSError as error:
            print(f"错误：无法写入 {options.report}（{error.strerror or error}），请检查路径和权限。", file=sys.stderr)
            return 1
        print(f"报告已写入 {options.report}")
    return 1 if report.failed else 0


def keeper() -> argparse.ArgumentParser:
    """The options of `backup` and `restore`."""
    result = argparse.ArgumentParser(prog="python -m ingest", description="备份或恢复整个索引")
    result.add_argument("command", choices=("backup", "restore"), help="backup 备份，restore 恢复")
    result.add_argument("file", type=Path, help="备份文件（.tar.gz）")
    _add_index(result)
    return result


def _add_index(result: argparse.ArgumentParser) -> None:
    result.add_argument("--index", type=Path, default=Path(os.environ.get("BUDGET_QA_INDEX", "data/index")), help="索引文件夹（BUDGET_QA_INDEX）")


def _keep(arguments: Sequence[str]) -> int:
    options = keeper().parse_args(arguments)
    try:
        if options.command == "backup":
            print(f"索引 {options.index} 已备份到 {options.file}（{backup(options.index, options.file) / 2**20:.1f} MB）")
        else:
            print(f"已从 {options.file} 恢复 {restore(options.file, options.index)} 份材料到索引 {options.index}")
    except (Unreadable, IndexMissing, IndexBusy) as error:
        print(f"错误：{error}", file=sys.stderr)
        return 1
    except OSError as error:
        print(f"错误：无法写入（{error.strerror}：{error.filename}），请检查磁盘空间和权限。", file=sys.stderr)
        return 1
    return 0


def _run(options: argparse.Namespace) -> Report:
    if options.remove:
        return remove([str(p) for p in options.paths], options.index)
    with tqdm(total=0, bar_format=BAR, disable=options.quiet, file=sys.stderr) as bar:

        def progress(what: str, done: int, total: int, pages: int) -> None:
            bar.total, bar.n = total, done
            bar.set_description_str(f"已读 {pages} 页" if pages else "读取", refresh=False)
            bar.set_postfix_str(what[:30], refresh=True)

        if options.rebuild:
            return rebuild(options.index, options.embedding, progress, options.jobs)
        return ingest(find_sources(options.paths or [Path("data/documents")]), options.index, options.embedding, progress, options.jobs)


def line(outcome: Outcome) -> str:
    """One document's line of the report."""
    if not outcome.counts:
        return f"[{STATUS[outcome.status]}] {outcome.name}：{outcome.detail}"
    c = outcome.counts
    return (
        f"[{STATUS[outcome.status]}] {outcome.name}：块 {c['blocks']}，表 {c['tables']}，数据 {c['facts']}，段落 {c['passages']}，"
        f"勾稽成立 {c['checks_held']}、不成立 {c['checks_broken']}，跳过或存疑 {c['skipped']}"
    )


if __name__ == "__main__":
    sys.exit(main())
