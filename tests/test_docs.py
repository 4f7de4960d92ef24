"""The README names every command, option and setting that exists, and none that does not."""

from __future__ import annotations

import argparse
import re
from pathlib import Path

from eval.__main__ import COMMANDS as EVAL_COMMANDS
from eval.__main__ import parser as eval_parser
from ingest.__main__ import parser as ingest_parser
from web.__main__ import parser as web_parser
from web.settings import OPTIONS

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


def eval_options() -> set[str]:
    return options_of(eval_parser()).union(*(options_of(make()) for make, _ in EVAL_COMMANDS.values()))


def options_of(parser) -> set[str]:
    """The options of a command and of its subcommands."""
    own = {option for action in parser._actions for option in action.option_strings if option.startswith("--")} - {"--help"}
    commands = [command for action in parser._actions if isinstance(action, argparse._SubParsersAction) for command in action.choices.values()]
    return own.union(*map(options_of, commands))


def test_every_option_of_every_command_is_in_the_readme():
    known = (
        options_of(ingest_parser())
        | eval_options()
        | options_of(web_parser())
        | {"--json"}
        | {"--" + o.name.replace("_", "-") for o in OPTIONS if not o.secret}
    )
    assert {option for option in known if option not in README} == set()


def test_every_command_of_the_evaluation_is_in_the_readme():
    assert {name for name in EVAL_COMMANDS if f"python -m eval {name}" not in README} == set()


def test_every_setting_is_in_the_readme():
    assert {o.name for o in OPTIONS if f"BUDGET_QA_{o.name.upper()}" not in README} == set()


def test_the_readme_names_no_option_that_does_not_exist():
    known = (
        options_of(ingest_parser())
        | eval_options()
        | options_of(web_parser())
        | {"--json"}
        | {"--" + o.name.replace("_", "-") for o in OPTIONS}
    )
    assert set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", README)) - known == set()


def test_every_file_the_readme_points_to_is_there():
    named = re.findall(r"`((?:ingest|retrieval|web|eval|data|deploy|docs|tests)/[\w./-]*)`|\]\(([\w./-]+)\)", README)
    assert [path for pair in named for path in pair if path and not path.startswith("data/index") and not (ROOT / path).exists()] == []
