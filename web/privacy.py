"""Phone and identity numbers are masked in everything that leaves the server as text; the papers themselves stay as they are."""

from __future__ import annotations

from typing import Any

from retrieval.answer import mask

# figures and identifiers, in which eleven or eighteen digits are no person's
_AS_IT_IS = frozenset({"value", "fen", "bytes", "id", "document_id", "session_id", "sha256"})


def masked(value: Any) -> Any:
    """The same object with every text in it masked, but for figures and identifiers; of a table's cells the figures stay too."""
    if isinstance(value, str):
        return mask(value)
    if isinstance(value, dict):
        figure = value.get("role") == "value"
        return {name: part if name in _AS_IT_IS or (figure and name == "text") else masked(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [masked(part) for part in value]
    return value
