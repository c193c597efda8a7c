"""Plays a vLLM for the launcher's tests: its command line, paths, metrics and manners, without a model.

Standard library only. Like the real one it is more than one process: a child goes on when the first is
killed, and does not heed SIGTERM. How it misbehaves is said with arguments, or later at ``POST /play/...``.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

CHILD = "import signal, time\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\ntime.sleep(3600)"

parser = argparse.ArgumentParser(allow_abbrev=False)
parser.add_argument("--model", required=True)
parser.add_argument("--host", required=True)
parser.add_argument("--port", type=int, required=True)
parser.add_argument("--served-model-name", required=True)
parser.add_argument("--enable-prefix-caching", action="store_true")
parser.add_argument("--enable-sleep-mode", action="store_true")
parser.add_argument("--gpu-memory-utilization", type=float)
parser.add_argument("--dies", action="store_true", help="right away, with an error")
parser.add_argument("--ready-when", type=Path, help="not ready before this file is there")
parser.add_argument("--tells-secrets", action="store_true", help="into its log, as a bad day has it")
chosen = parser.parse_args()

busy = threading.Event()
hung = threading.Event()
asleep = threading.Event()
counts = {"finished": 0, "tokens": 0}


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        if hung.is_set():
            time.sleep(3600)
        if self.path == "/health":
            ready = chosen.ready_when is None or chosen.ready_when.exists()
            self._answer(200 if ready else 503, "")
        elif self.path == "/v1/models":
            data = [{"id": chosen.served_model_name, "object": "model", "max_model_len": 2048}]
            self._answer(200, json.dumps({"object": "list", "data": data}))
        elif self.path == "/metrics":
            self._answer(200, metrics())
        elif self.path == "/is_sleeping":
            self._answer(200, json.dumps({"is_sleeping": asleep.is_set()}))
        elif self.path == "/play/how-started":
            names = ("VLLM_", "HF_", "DO_NOT_TRACK", "CUDA_", "OTHER_")
            environment = {k: v for k, v in os.environ.items() if k.startswith(names)}
            self._answer(
                200, json.dumps({"argv": sys.argv[1:], "environment": environment, "pid": os.getpid()})
            )
        else:
            self._answer(404, "{}")

    def do_POST(self) -> None:
        length = int(self.headers.get("content-length", 0))
        body = json.loads(self.rfile.read(length) or b"{}")
        path = self.path.partition("?")[0]
        if path == "/v1/chat/completions":
            if asleep.is_set():
                self._answer(500, json.dumps({"error": {"message": "asleep"}}))
                return
            counts["finished"] += 1
            counts["tokens"] += 10
            said = {
                "role": "assistant",
                "content": f"{chosen.served_model_name} heard {body['messages'][-1]['content']}",
            }
            self._answer(
                200, json.dumps({"choices": [{"index": 0, "message": said, "finish_reason": "stop"}]})
            )
        elif path == "/sleep":
            asleep.set()
            self._answer(200, "{}")
        elif path == "/wake_up":
            asleep.clear()
            self._answer(200, "{}")
        elif path == "/play/die":
            self._answer(200, "{}")
            print("RuntimeError: CUDA error: an illegal memory access was encountered", flush=True)
            os._exit(3)
        elif path == "/play/hang":
            self._answer(200, "{}")
            hung.set()
        elif path == "/play/busy":
            self._answer(200, "{}")
            busy.set()
        else:
            self._answer(404, "{}")

    def _answer(self, status: int, text: str) -> None:
        content = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        pass


def metrics() -> str:
    label = '{engine="0",model_name="m"}'
    return (
        "# HELP vllm:num_requests_running Number of requests in model execution batches.\n"
        f"vllm:num_requests_running{label} {float(busy.is_set())}\n"
        f"vllm:num_requests_waiting{label} 0.0\n"
        f'vllm:request_success_total{{engine="0",finished_reason="stop"}} {counts["finished"]}.0\n'
        f"vllm:prompt_tokens_total{label} {counts['tokens']}.0\n"
        f"vllm:generation_tokens_total{label} {counts['tokens']}.0\n"
        f"vllm:prefix_cache_queries_total{label} 10.0\n"
        f"vllm:prefix_cache_hits_total{label} 6.0\n"
    )


if chosen.tells_secrets:
    names = ("VLLM_API_KEY", "HF_TOKEN", "OTHER_KEY")
    print("keys:", *(os.environ.get(name) for name in names), flush=True)
if chosen.dies:
    print("ValueError: No available memory for the cache blocks.", flush=True)
    print("RuntimeError: Engine core initialization failed. See root cause above.", flush=True)
    sys.exit(1)
child = subprocess.Popen([sys.executable, "-c", CHILD])
signal.signal(signal.SIGTERM, lambda _number, _frame: os._exit(0))
server = ThreadingHTTPServer((chosen.host, chosen.port), Handler)
server.daemon_threads = True
server.serve_forever()
