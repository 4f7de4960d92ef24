"""From a question to an answer: question -> plan -> evidence -> answer.

assistant.py   the conductor: ask(question, session) -> Answer
question.py    words + dialogue -> a question that stands alone
vocabulary.py  what the store knows, matched to the question's words
understanding.py  question -> Understood: whose, when, which items, what is asked, what nobody knows
dialogue.py    what a follow-up leaves out, filled in from the questions before
asked.py       a question that asks several things -> its parts
plans.py       the kinds of Plan (look-up, compare, aggregate, search, ask back, out of scope …) and what the dialogue remembers
plan.py        question -> Plan, with computing.py (what is to be worked out)
talk.py        what is said to the assistant itself, told from the question it comes with
rephrase.py    a refused question in words the papers know: slips of the pen, everyday words, words without meaning
evidence/      facts.py: plan -> rows by SQL; passages.py: hybrid search; extract.py: sentences that answer; aims.py: targets in other words
respond.py     Plan -> Answer, with calculating.py (figures worked out), adding.py (what may be added), listing.py (sets of rows) and telling.py (what they share)
answer.py      evidence -> Answer; every number is a cell or a shown calculation
model.py       the only place a chat model is made
"""
