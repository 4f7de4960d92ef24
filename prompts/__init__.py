"""The texts sent to a chat model: one prompt a .md file in this folder, its gaps written $name."""

from __future__ import annotations

from pathlib import Path
from string import Template

FOLDER = Path(__file__).parent


class BadPrompt(Exception):
    """A prompt that is not there, or values that do not fit its gaps."""


def load(name: str, **values: str) -> str:
    """The prompt `name`.md with every $gap filled. Raises BadPrompt when a value is missing or fits no gap: a half-filled prompt must not be sent."""
    path = FOLDER / f"{name}.md"
    try:
        template = Template(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise BadPrompt(f"没有提示词 {path.name}") from error
    if not template.is_valid():
        raise BadPrompt(f"提示词 {path.name} 里有不成对的 $")
    gaps = set(template.get_identifiers())
    if gaps != set(values):
        missing, unused = sorted(gaps - set(values)), sorted(set(values) - gaps)
        raise BadPrompt(f"提示词 {path.name}：缺少 {missing}，多余 {unused}")
    return template.substitute(values).strip()
