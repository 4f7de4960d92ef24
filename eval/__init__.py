"""The scripted test set: cases -> answers -> verdicts -> report.

casefile.py   .jsonl / YAML -> Case; what is wrong with a file is said with file and line
score.py      the judges: pure functions, (case, answer) -> Verdict; they share no code with the product
clients.py    who is asked: the assistant in this process, or a running server; both also give the source's lines
run.py        cases -> results, a dialogue in one session
report.py     results -> terminal table, JSON, one self-contained HTML page
bench.py      how fast and how big, each figure next to the limit of the tool underneath
retrieval_bench.py  how well passages are found; retrieval_steps.py what each step of the search gives
load.py       many users at once at a running server
growth.py     what a collection's size costs, each size next to the smallest
synth.py      made-up collections of any size with questions and their truth: what growth is measured with
rename.py     papers and cases with every body, year and amount replaced: what answers must score the same
feedback.py   👍/👎 with comments -> draft cases for a person to correct
suggest.py    the store's facts -> draft cases, balanced over papers, tables and kinds
metamorphic.py  answers held against answers: relations that need no gold
fuzz.py       damaged copies of files: none may crash, hang or exhaust the reading of papers
mutate.py     would a wrong figure be noticed: one amount of a copy changed at a time
compare.py    two JSON reports -> what got better, what got worse
cases/        the test set itself
"""
