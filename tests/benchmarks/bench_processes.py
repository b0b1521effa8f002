"""Whole processes: the bot until its first answer and what it holds in memory, and a question in a terminal."""

import json
import re
import subprocess
import sys
from pathlib import Path
from time import perf_counter
from urllib.parse import urlencode

from tests.benchmarks import load, servers
from tests.benchmarks.measure import Series, measure_alternately
from tests.benchmarks.results import Row, Target, Unit, compare, format_figure
from tests.benchmarks.rig import Rig
from tests.processes.fake_slack import COMMAND_FORM, FakeSlack, Process, post

_IMPORTS = "import slack_bolt, sqlmodel; from apscheduler.schedulers.background import BackgroundScheduler"
_FLOOR = f"{_IMPORTS}; print(open('/proc/self/status').read(), flush=True)"
MAX_GROWTH = 5.0
"""Megabytes."""


def measure_start(rig: Rig) -> list[Row]:
    """From nothing to the first answered command, and the memory held then and after many commands."""
    url = rig.create_database("start")
    peaks: tuple[list[float], list[float]] = ([], [])
    what = "from the start of `dlvm run` to the first answered command"
    with servers.run_slack() as slack:
        _time_start(rig, url, slack, [])  # which compiles what no process imported before
        _time_imports([])
        sides = measure_alternately(
            rig.track_starts(what), lambda: _time_start(rig, url, slack, peaks[0]), lambda: _time_imports(peaks[1])
        )
        growth = _measure_growth(rig, url, slack)
    memory = Series(tuple((peak,) for peak in peaks[0])), Series(tuple((peak,) for peak in peaks[1]))
    against = "importing slack_bolt, sqlmodel and apscheduler alone"
    n = f"{sides[0].count} processes"
    return [
        compare("start", what, against, sides, Target(1.3), n=n),
        compare("memory", "memory by then", against, memory, Target(1.6), unit=Unit.MEGABYTES, n=n),
        growth,
    ]


def measure_ask(rig: Rig) -> list[Row]:
    """`dlvm ask` beside importing what its tables are made of."""
    (rig.folder / "ask" / "var").mkdir(parents=True, exist_ok=True)
    folder = rig.folder / "ask"
    Path(rig.create_database("asked").removeprefix("sqlite:///")).rename(folder / "var" / "dlvm.db")
    what = '`dlvm ask "status pytorch-2.3"`, whole process'
    ours = [sys.executable, "-m", "bot", "ask", "status pytorch-2.3"]
    floor = [sys.executable, "-c", "import sqlmodel; print('imported')"]
    _time_command(folder, ours, "PyTorch 2.3")  # which compiles what no process imported before
    _time_command(folder, floor, "imported")
    sides = measure_alternately(
        rig.track_starts(what),
        lambda: _time_command(folder, ours, "PyTorch 2.3"),
        lambda: _time_command(folder, floor, "imported"),
    )
    against = '`python -c "import sqlmodel"`'
    return [compare("ask", what, against, sides, Target(1.3), n=f"{sides[0].count} processes")]


def _time_start(rig: Rig, url: str, slack: FakeSlack, peaks: list[float]) -> tuple[float, ...]:
    begun = perf_counter()
    with servers.run_dlvm(rig.folder, url, slack, "bot") as (process, port):
        _wait_for_answer(port)
        took = perf_counter() - begun
        peaks.append(_parse_megabytes(_read_status(process), "VmHWM"))
    return (took,)


def _wait_for_answer(port: int) -> None:
    form = urlencode({**COMMAND_FORM, "text": "status pytorch-2.3"}).encode()
    status, body = post(f"http://127.0.0.1:{port}/slack/events", form)
    if status != 200 or "PyTorch 2.3 is" not in json.loads(body)["text"]:
        raise AssertionError(f"a wrong answer: {status} {body[:200]!r}")


def _time_imports(peaks: list[float]) -> tuple[float, ...]:
    """Until a fresh interpreter has imported them."""
    begun = perf_counter()
    with subprocess.Popen(
        [sys.executable, "-c", _FLOOR], env=servers.build_environment(), stdout=subprocess.PIPE, text=True
    ) as process:
        said = process.communicate()[0]
        took = perf_counter() - begun
    peaks.append(_parse_megabytes(said, "VmHWM"))
    return (took,)


def _measure_growth(rig: Rig, url: str, slack: FakeSlack) -> Row:
    """How much more is held after many commands than after the first."""
    with servers.run_dlvm(rig.folder, url, slack) as (process, port):
        _wait_for_answer(port)
        before = _parse_megabytes(_read_status(process), "VmRSS")
        load.run_exactly(port, "status pytorch-2.3", "PyTorch 2.3 is", connections=8, many=rig.size.commands)
        after = _parse_megabytes(_read_status(process), "VmRSS")
    return Row(
        key="growth",
        what=f"memory after {rig.size.commands:,} commands",
        against="after the first one",
        n="1 process",
        ours=format_figure(after, Unit.MEGABYTES),
        floor=format_figure(before, Unit.MEGABYTES),
        ratio=f"+{after - before:.1f} MB",
        spread="",
        target=f"under {MAX_GROWTH:g} MB",
        met=after - before < MAX_GROWTH,
    )


def _time_command(folder: Path, command: list[str], words: str) -> tuple[float, ...]:
    """The whole life of a process, asked from a script: its output is no terminal."""
    environment = servers.build_environment()
    begun = perf_counter()
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=True)
    took = perf_counter() - begun
    if words not in done.stdout:
        raise AssertionError(f"a wrong answer: {done.stdout} {done.stderr}")
    return (took,)


def _read_status(process: Process) -> str:
    return Path(f"/proc/{process.popen.pid}/status").read_text()


def _parse_megabytes(status: str, name: str) -> float:
    found = re.search(rf"{name}:\s*(\d+) kB", status)
    if found is None:
        raise AssertionError("memory is known on Linux only")
    return int(found[1]) / 1024
