"""Text -> the space-joined tokens that FTS5 indexes; the same at ingest and at query."""

from __future__ import annotations

from ingest.wording import squeeze


def tokens(text: str) -> str:
    """Character bigrams of the text, joined by blanks."""
    text = squeeze(text)
    return " ".join(text[i : i + 2] for i in range(len(text) - 1))
