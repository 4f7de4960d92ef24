"""How tables are read, step by step; `ingest/tables.py` calls these in order.

regions.py   blocks -> Regions: caption, rows, notes of one table, over page breaks
headers.py   the header lines of a region -> what each column holds and its path
align.py     cells shifted by a page break -> the columns they belong to
raw.py       tables that lost their cells (raw PDF text) -> rows, by the form's known columns
targets.py   project forms and 绩效指标 tables -> key–value rows and indicator rows
"""
