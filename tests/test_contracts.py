"""The import contracts cover every module, so that a new one can't be added without a place."""

import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
CONTRACTS = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
CONTAINERS = [container for contract in CONTRACTS for container in contract.get("containers", ())]


def test_every_contract_over_a_package_is_exhaustive() -> None:
    assert {"bot", "storage"} <= set(CONTAINERS)
    assert all(contract["exhaustive"] for contract in CONTRACTS if "containers" in contract)


def test_no_use_case_opens_a_transaction_that_is_not_retried() -> None:
    sources = {str(path.relative_to(ROOT)): path.read_text() for path in (ROOT / "bot").rglob("*.py")}
    assert [path for path, text in sources.items() if ".transaction(" in text or ".connection()" in text] == []


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Return the linter's output for a copy of the code in which each package has an unlisted module."""
    copy = tmp_path_factory.mktemp("tree")
    for name in ("bot", "storage"):
        shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", copy)
    for container in CONTAINERS:
        (copy / container.replace(".", "/") / "stray.py").write_text('"""A module that no contract lists."""\n')
    linter = [sys.executable, "-c", "from importlinter.cli import lint_imports_command as run; run()", "--no-cache"]
    result = subprocess.run(linter, cwd=copy, capture_output=True, text=True, check=False, timeout=120)
    assert result.returncode == 1, result.stdout + result.stderr
    return result.stdout


@pytest.mark.parametrize("container", CONTAINERS)
def test_an_unlisted_module_breaks_its_contract(report: str, container: str) -> None:
    assert f"{container}.stray" in report
