"""Whole processes: the bot's start and memory, and `dlvm ask`."""

import json
import re
import subprocess
import sys
from pathlib import Path
from time import perf_counter
from urllib.parse import urlencode

from tests.benchmarks import load_generator, servers
from tests.benchmarks.measurement import Series, measure_alternately
from tests.benchmarks.results import Row, Target, Unit, compare, format_figure
from tests.benchmarks.rig import Rig
from tests.processes.fake_slack import COMMAND_FORM, FakeSlack, Process, post

_IMPORTS = "import slack_bolt, sqlmodel; from apscheduler.schedulers.background import BackgroundScheduler"
_FLOOR = f"{_IMPORTS}; print(open('/proc/self/status').read(), flush=True)"
MAX_GROWTH_MEGABYTES = 5.0


def measure_start(rig: Rig) -> list[Row]:
    """Measure the time to the first answer, and the memory then and after many commands."""
    url = rig.create_database("start")
    peaks: tuple[list[float], list[float]] = ([], [])
    title = "from the start of `dlvm run` to its first answer"
    with servers.run_slack() as slack:
        _time_start(rig, url, slack, [])  # compiles the bytecode
        _time_imports([])
        sides = measure_alternately(
            rig.track_starts(title), lambda: _time_start(rig, url, slack, peaks[0]), lambda: _time_imports(peaks[1])
        )
        growth = _measure_growth(rig, url, slack)
    memory = Series(tuple((peak,) for peak in peaks[0])), Series(tuple((peak,) for peak in peaks[1]))
    floor_title = "importing slack_bolt, sqlmodel and apscheduler"
    sample = f"{sides[0].count} processes"
    return [
        compare("start", title, floor_title, sides, Target(1.3), sample=sample),
        compare(
            "memory", "memory at the first answer", floor_title, memory, Target(1.6), unit=Unit.MEGABYTES, sample=sample
        ),
        growth,
    ]


def measure_ask(rig: Rig) -> list[Row]:
    """Measure `dlvm ask` beside importing sqlmodel."""
    (rig.folder / "ask" / "var").mkdir(parents=True, exist_ok=True)
    folder = rig.folder / "ask"
    Path(rig.create_database("asked").removeprefix("sqlite:///")).rename(folder / "var" / "dlvm.db")
    title = '`dlvm ask "status pytorch-2.3"`, whole process'
    dlvm = [sys.executable, "-m", "bot", "ask", "status pytorch-2.3"]
    floor = [sys.executable, "-c", "import sqlmodel; print('imported')"]
    _time_command(folder, dlvm, "PyTorch 2.3")  # compiles the bytecode
    _time_command(folder, floor, "imported")
    sides = measure_alternately(
        rig.track_starts(title),
        lambda: _time_command(folder, dlvm, "PyTorch 2.3"),
        lambda: _time_command(folder, floor, "imported"),
    )
    floor_title = '`python -c "import sqlmodel"`'
    return [compare("ask", title, floor_title, sides, Target(1.3), sample=f"{sides[0].count} processes")]


def _time_start(rig: Rig, url: str, slack: FakeSlack, peaks: list[float]) -> tuple[float, ...]:
    started_at = perf_counter()
    with servers.run_dlvm(rig.folder, url, slack, "bot") as (process, port):
        _wait_for_answer(port)
        seconds = perf_counter() - started_at
        peaks.append(_parse_megabytes(_read_status(process), "VmHWM"))
    return (seconds,)


def _wait_for_answer(port: int) -> None:
    form = urlencode({**COMMAND_FORM, "text": "status pytorch-2.3"}).encode()
    status, body = post(f"http://127.0.0.1:{port}/slack/events", form)
    if status != 200 or "PyTorch 2.3 is" not in json.loads(body)["text"]:
        raise AssertionError(f"wrong answer: {status} {body[:200]!r}")


def _time_imports(peaks: list[float]) -> tuple[float, ...]:
    """Time a new interpreter until it has imported the floor's packages."""
    started_at = perf_counter()
    with subprocess.Popen(
        [sys.executable, "-c", _FLOOR], env=servers.build_environment(), stdout=subprocess.PIPE, text=True
    ) as process:
        output = process.communicate()[0]
        seconds = perf_counter() - started_at
    peaks.append(_parse_megabytes(output, "VmHWM"))
    return (seconds,)


def _measure_growth(rig: Rig, url: str, slack: FakeSlack) -> Row:
    """Measure the growth of memory between the first command and many more."""
    with servers.run_dlvm(rig.folder, url, slack) as (process, port):
        _wait_for_answer(port)
        before = _parse_megabytes(_read_status(process), "VmRSS")
        load_generator.run_exactly(port, "status pytorch-2.3", "PyTorch 2.3 is", connections=8, total=rig.size.commands)
        after = _parse_megabytes(_read_status(process), "VmRSS")
    return Row(
        key="growth",
        title=f"memory after {rig.size.commands:,} commands",
        floor_title="after the first one",
        sample="1 process",
        dlvm=format_figure(after, Unit.MEGABYTES),
        floor=format_figure(before, Unit.MEGABYTES),
        ratio=f"+{after - before:.1f} MB",
        spread="",
        target=f"under {MAX_GROWTH_MEGABYTES:g} MB",
        is_met=after - before < MAX_GROWTH_MEGABYTES,
    )


def _time_command(folder: Path, command: list[str], words: str) -> tuple[float, ...]:
    """Time a process from start to exit. Its output isn't a terminal."""
    environment = servers.build_environment()
    started_at = perf_counter()
    completed = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=True)
    seconds = perf_counter() - started_at
    if words not in completed.stdout:
        raise AssertionError(f"wrong answer: {completed.stdout} {completed.stderr}")
    return (seconds,)


def _read_status(process: Process) -> str:
    return Path(f"/proc/{process.popen.pid}/status").read_text()


def _parse_megabytes(status: str, name: str) -> float:
    match = re.search(rf"{name}:\s*(\d+) kB", status)
    if match is None:
        raise AssertionError("memory can be read only on Linux")
    return int(match[1]) / 1024
