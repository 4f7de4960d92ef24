"""From a question to an answer: question -> plan -> evidence -> answer.

assistant.py   the conductor: ask(question, session) -> Answer
question.py    words + dialogue -> a question that stands alone
vocabulary.py  what the store knows, matched to the question's words
plan.py        question -> a typed Plan (look-up, compare, aggregate, search, ask back, out of scope …)
evidence/      facts.py: plan -> rows by SQL; passages.py: hybrid search; extract.py: sentences that answer
answer.py      evidence -> Answer; every number is a cell or a shown calculation
model.py       the only place a chat model is made
"""
