# make run   set up, read data/documents, serve the page at http://127.0.0.1:7860
# make test  set up with the test tools, then every test and the evaluation of the sample papers
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
INDEX ?= data/index

.PHONY: run test lint clean

run: $(VENV)/.installed
	$(BIN)/python -m ingest data/documents --index $(INDEX)
	$(BIN)/python app.py --index $(INDEX)

test: $(VENV)/.installed-dev
	$(BIN)/ruff check .
	$(BIN)/python -m pytest
	$(BIN)/python -m ingest data/documents --index $(VENV)/sample-index --quiet
	$(BIN)/python -m eval --cases eval/cases/sample.jsonl --index $(VENV)/sample-index --fail-under 0.95

$(VENV)/.installed: requirements.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	touch $@

$(VENV)/.installed-dev: requirements-dev.txt $(VENV)/.installed
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	touch $@

clean:
	rm -rf $(VENV) $(INDEX)
