"""An engine's log is bounded and holds no keys; what its metrics say is read from their own format."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from paceline.team.engines.asking import load_in
from paceline.team.engines.logs import BoundedLog, cause_in, last_lines, secrets_of


def test_a_log_is_bounded(tmp_path: Path) -> None:
    file = tmp_path / "engine.log"
    with BoundedLog(file, largest=2000) as log:
        for number in range(1000):
            log.write(f"line {number}")
        log.write("x" * 100_000)
    assert {one.name for one in tmp_path.iterdir()} == {"engine.log", "engine.log.1"}
    assert sum(one.stat().st_size for one in tmp_path.iterdir()) < 10_000
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_keys_are_masked_the_longest_first(tmp_path: Path) -> None:
    environment = {
        "HF_TOKEN": "hf_abcdef",
        "MY_API_KEY": "hf_abcdef-longer",
        "HOME": "/root",
        "KEY": "x",
        "P": "",
    }
    secrets = secrets_of(environment, named=["P", "NOT_SET"])
    assert secrets == ("hf_abcdef-longer", "hf_abcdef")
    with BoundedLog(tmp_path / "log", secrets=secrets) as log:
        assert log.write("a hf_abcdef-longer b hf_abcdef c x") == "a *** b *** c x"


def test_what_cannot_be_shown_is_left_out_of_last_lines(tmp_path: Path) -> None:
    file = tmp_path / "log"
    file.write_bytes(b"one\n\x1b[2Jtwo\xff\n\n   \nthree")
    assert last_lines(file) == ("one", "[2Jtwo\ufffd", "three")
    assert last_lines(tmp_path / "none") == ()


@pytest.mark.parametrize(
    ("lines", "cause"),
    [
        (
            ["loading", "ValueError: no memory", "RuntimeError: failed. See root cause above."],
            "ValueError: no memory",
        ),
        (
            ["torch.OutOfMemoryError: CUDA out of memory.", "bye"],
            "torch.OutOfMemoryError: CUDA out of memory",
        ),
        (
            [
                "(APIServer pid=7) WARN 11-27 23:45:17 [core_client.py:817] engine core exited unexpectedly",
                "(APIServer pid=7) ERROR 11-27 23:45:17 [serving.py:929] EngineDeadError: See the root cause",
                '(APIServer pid=7) ERROR 11-27 23:45:17 [serving.py:929]   File "serving.py", line 849',
                "nanobind: leaked 1 instances!",
                "  warnings.warn('resource_tracker: There appear to be %d '",
            ],
            "engine core exited unexpectedly",
        ),
        (["bind failed", "bye"], "bind failed"),
        (["only this"], "only this"),
        ([], ""),
    ],
)
def test_the_cause_is_the_last_line_that_names_one(lines: list[str], cause: str) -> None:
    assert cause_in(lines) == cause


def test_metrics_are_summed_over_their_labels() -> None:
    load = load_in(
        "# HELP vllm:num_requests_running help\n"
        'vllm:num_requests_running{engine="0"} 1.0\nvllm:num_requests_running{engine="1"} 2.0\n'
        'vllm:num_requests_waiting{engine="0"} 1.0\n'
        'vllm:request_success_total{finished_reason="stop"} 5.0\n'
        'vllm:request_success_created{finished_reason="stop"} 1.79e+09\n'
        'vllm:prefix_cache_queries_total{engine="0"} 1e3\nvllm:prefix_cache_hits_total{engine="0"} 700.0\n'
    )
    assert load is not None
    assert (load.running, load.finished, load.prefix_hits / load.prefix_queries) == (4.0, 5.0, 0.7)


@pytest.mark.parametrize("text", ["", "<html>", "vllm:num_requests_running NaN?", "x" * 10_000])
def test_other_pages_are_no_metrics(text: str) -> None:
    assert load_in(text) is None
