"""Whole processes: the bot until its first answer and what it holds in memory, and a question in a terminal."""

import json
import re
import subprocess
import sys
from pathlib import Path
from time import perf_counter
from urllib.parse import urlencode

from tests.benchmarks import load, servers
from tests.benchmarks.measure import Series, in_turns
from tests.benchmarks.results import Row, Target, Unit, compared, figure
from tests.benchmarks.rig import Rig
from tests.processes.local_slack import FORM, LocalSlack, Process, post

_IMPORTS = "import slack_bolt, sqlmodel; from apscheduler.schedulers.background import BackgroundScheduler"
_FLOOR = f"{_IMPORTS}; print(open('/proc/self/status').read(), flush=True)"
MOST_GROWTH = 5.0
"""Megabytes."""


def start(rig: Rig) -> list[Row]:
    """From nothing to the first answered command, and the memory held then and after many commands."""
    url = rig.empty("start")
    peaks: tuple[list[float], list[float]] = ([], [])
    what = "from the start of `dlvm run` to the first answered command"
    with servers.slack() as slack:
        _start(rig, url, slack, [])  # which compiles what no process imported before
        _imported([])
        sides = in_turns(rig.starts(what), lambda: _start(rig, url, slack, peaks[0]), lambda: _imported(peaks[1]))
        growth = _growth(rig, url, slack)
    memory = Series(tuple((peak,) for peak in peaks[0])), Series(tuple((peak,) for peak in peaks[1]))
    against = "importing slack_bolt, sqlmodel and apscheduler alone"
    n = f"{sides[0].n} processes"
    return [
        compared("start", what, against, sides, Target(1.3), n=n),
        compared("memory", "memory by then", against, memory, Target(1.6), unit=Unit.MEGABYTES, n=n),
        growth,
    ]


def ask(rig: Rig) -> list[Row]:
    """`dlvm ask` beside importing what its tables are made of."""
    (rig.folder / "ask" / "var").mkdir(parents=True, exist_ok=True)
    folder = rig.folder / "ask"
    Path(rig.empty("asked").removeprefix("sqlite:///")).rename(folder / "var" / "dlvm.db")
    what = '`dlvm ask "status pytorch-2.3"`, whole process'
    ours = [sys.executable, "-m", "bot", "ask", "status pytorch-2.3"]
    floor = [sys.executable, "-c", "import sqlmodel; print('imported')"]
    _ran(folder, ours, "PyTorch 2.3")  # which compiles what no process imported before
    _ran(folder, floor, "imported")
    sides = in_turns(
        rig.starts(what), lambda: _ran(folder, ours, "PyTorch 2.3"), lambda: _ran(folder, floor, "imported")
    )
    against = '`python -c "import sqlmodel"`'
    return [compared("ask", what, against, sides, Target(1.3), n=f"{sides[0].n} processes")]


def _start(rig: Rig, url: str, slack: LocalSlack, peaks: list[float]) -> tuple[float, ...]:
    begun = perf_counter()
    with servers.dlvm(rig.folder, url, slack, "bot") as (process, port):
        _answered(port)
        took = perf_counter() - begun
        peaks.append(_megabytes(_status(process), "VmHWM"))
    return (took,)


def _answered(port: int) -> None:
    form = urlencode({**FORM, "text": "status pytorch-2.3"}).encode()
    status, body = post(f"http://127.0.0.1:{port}/slack/events", form)
    if status != 200 or "PyTorch 2.3 is" not in json.loads(body)["text"]:
        raise AssertionError(f"a wrong answer: {status} {body[:200]!r}")


def _imported(peaks: list[float]) -> tuple[float, ...]:
    """Until a fresh interpreter has imported them."""
    begun = perf_counter()
    with subprocess.Popen(
        [sys.executable, "-c", _FLOOR], env=servers.environment(), stdout=subprocess.PIPE, text=True
    ) as process:
        said = process.communicate()[0]
        took = perf_counter() - begun
    peaks.append(_megabytes(said, "VmHWM"))
    return (took,)


def _growth(rig: Rig, url: str, slack: LocalSlack) -> Row:
    """How much more is held after many commands than after the first."""
    with servers.dlvm(rig.folder, url, slack) as (process, port):
        _answered(port)
        before = _megabytes(_status(process), "VmRSS")
        load.exactly(port, "status pytorch-2.3", "PyTorch 2.3 is", connections=8, many=rig.size.commands)
        after = _megabytes(_status(process), "VmRSS")
    return Row(
        key="growth",
        what=f"memory after {rig.size.commands:,} commands",
        against="after the first one",
        n="1 process",
        ours=figure(after, Unit.MEGABYTES),
        floor=figure(before, Unit.MEGABYTES),
        ratio=f"+{after - before:.1f} MB",
        spread="",
        target=f"under {MOST_GROWTH:g} MB",
        met=after - before < MOST_GROWTH,
    )


def _ran(folder: Path, command: list[str], words: str) -> tuple[float, ...]:
    """The whole life of a process, asked from a script: its output is no terminal."""
    environment = servers.environment()
    begun = perf_counter()
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=True)
    took = perf_counter() - begun
    if words not in done.stdout:
        raise AssertionError(f"a wrong answer: {done.stdout} {done.stderr}")
    return (took,)


def _status(process: Process) -> str:
    return Path(f"/proc/{process.running.pid}/status").read_text()


def _megabytes(status: str, name: str) -> float:
    found = re.search(rf"{name}:\s*(\d+) kB", status)
    if found is None:
        raise AssertionError("memory is known on Linux only")
    return int(found[1]) / 1024
