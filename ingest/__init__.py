"""From a file to facts: document -> blocks -> tables -> facts -> stores.

loaders/     file -> Blocks with their place (text, pdf, word, excel, web, scan), chosen by content, never by name
identity.py  Blocks -> who, which year, what kind of paper
outline.py   Blocks -> Sections (parts, chapters, numbered headings)
tables.py    Blocks -> Tables: header rows, unit line, merged cells, continued pages, two-sided tables
forms.py     which statutory table or project form it is, and its known columns (data, not code paths)
facts.py     Table -> Facts: one amount, its meaning, its cell as printed
prose.py     Blocks -> Facts stated in sentences
checks/      the accounts' own arithmetic -> Checks held and broken
passages.py  Blocks -> Passages for search
stores/      facts.py: SQLite; passages.py: Chroma and the embedder
reading.py   the conductor of one file: the only one that calls the stations above, in this order, in a worker process
pipeline.py  the conductor of an ingest: many files at once, into the stores, in one step
backup.py    the whole index in one file and back
"""
