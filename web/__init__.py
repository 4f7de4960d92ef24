"""The door to people and programs: settings, HTTP interface, chat page, server.

access      who is asking and what they may do
credentials API keys, login tokens and sessions, as hashes in SQLite (python -m web keys)
passwords   the password file of a small office (python -m web users)
login       the login page, a portal's one-time token, the way out
settings    options and environment -> Settings (a wrong value stops the start with one Chinese line)
library     the papers as readers see them: list, source lines, tables, checks
documents   uploads and deletions as jobs around the ingest path
sheet       rows as CSV or a workbook
privacy     phone and identity numbers masked in what leaves the server
metrics     counters for Prometheus and the log lines
notebook    what visitors leave behind: feedback and the audit trail
desk        everything a route or the page needs, and the way of one question
api         FastAPI routes under /api
described   what OpenAPI says of all of them: sign-on, refusals, content types
page        the Gradio page (the only file that imports gradio); static/ holds its script and style
guard       pure ASGI: sign-on, security headers, request limits, foreign origins, Chinese strings
server      puts them together and serves
"""
