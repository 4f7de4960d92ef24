"""The interface against its own description: whatever fits the description, or does not, is answered as described and never by a crash."""

from __future__ import annotations

import traceback
from collections import Counter
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis.errors import Unsatisfiable

from tests.web.chromium import Server
from tests.web.sample import PAPER, SCAN, ScriptedAssistant, make_index
from tests.web.test_access import jobs
from web.credentials import FILE, SCOPES, Credentials
from web.server import build_app
from web.settings import Settings

schemathesis = pytest.importorskip("schemathesis", reason="needs schemathesis")
EXAMPLES = 10  # of each kind for each route: half a minute on two busy cores
REAL = {"document": (PAPER, SCAN), "index": (0,), "page": (1,)}  # made-up addresses would only ever be 404


@pytest.fixture(scope="module")
def described(tmp_path_factory: pytest.TempPathFactory) -> Iterator[object]:
    """The description as the running server gives it; everybody has to sign on, and we do with a key that may do everything."""
    index = make_index(tmp_path_factory.mktemp("described") / "index")
    _, key = Credentials(index / FILE).add_key("测试", SCOPES, 1)
    app = build_app(Settings(index=index, require_login=True, rate_limit=0), ScriptedAssistant(), jobs(index), page=False)
    server = Server(app)
    config = schemathesis.Config.from_dict({"auth": {"openapi": {"key": {"bearer": key}}}})
    yield schemathesis.openapi.from_url(f"{server.url}/api/openapi.json", headers={"authorization": f"Bearer {key}"}, config=config)
    server.stop()


@pytest.mark.parametrize("mode", ["POSITIVE", "NEGATIVE"])
def test_every_route_keeps_to_its_description(described, mode: str) -> None:
    schemathesis.checks.load_all_checks()
    from schemathesis.specs.openapi.checks import positive_data_acceptance  # a description cannot say which files or lines there are

    answered, wrong = Counter(), {}
    for operation in (result.ok() for result in described.get_all_operations()):

        @given(case=operation.as_strategy(generation_mode=schemathesis.GenerationMode[mode]))
        @settings(max_examples=EXAMPLES, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
        def keeps(case) -> None:
            for name in REAL.keys() & case.path_parameters.keys() if mode == "POSITIVE" else ():
                case.path_parameters[name] = REAL[name][len(str(case.query)) % len(REAL[name])]
            reply = case.call_and_validate(excluded_checks=[positive_data_acceptance])
            assert b"Traceback" not in reply.content
            answered[case.operation.label] += reply.status_code < 400

        try:
            keeps()
        except Unsatisfiable:
            pass  # a route without parameters cannot be asked wrongly
        except BaseExceptionGroup as failures:
            wrong[operation.label] = [traceback.format_exception_only(failure) for failure in failures.exceptions]
    assert wrong == {}
    if mode == "POSITIVE":  # made-up names of jobs and runs are unknown, and what is uploaded is no paper
        runs = {"GET /api/evaluations/{run}", "GET /api/evaluations/{run}/report", "DELETE /api/evaluations/{run}"}
        assert {label for label, count in answered.items() if not count} == {"GET /api/jobs/{job}", "POST /api/documents", *runs}
