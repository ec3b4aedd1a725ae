"""``make`` does what the README, its own help and CI say of it; what takes long is told (``make -n``), not done."""

import os
import re
import shlex
import shutil
import subprocess
import tomllib
from importlib.util import find_spec
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TARGETS = re.findall(r"^\.PHONY: (.*)$", (ROOT / "Makefile").read_text(), re.MULTILINE)[0].split()
PAGES = (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")))
WRITTEN = {
    command
    for page in PAGES
    for command in re.findall(r"(?:^|`)make ([^`\n]+)", page.read_text(encoding="utf-8"), re.MULTILINE)
}


def make(*words: str, folder: Path = ROOT) -> "subprocess.CompletedProcess[str]":
    """Run make as a person would: what a make around this test hands down does not count."""
    plain = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))}
    command = ["make", "--no-print-directory", *words]
    return subprocess.run(command, cwd=folder, env=plain, capture_output=True, text=True, check=False)  # noqa: S603


def would_run(target: str) -> list[str]:
    """The commands of a target, also of what it needs first."""
    done = make("--dry-run", "--always-make", target)
    assert done.returncode == 0, done.stderr
    return done.stdout.replace("\\\n", "").splitlines()


@pytest.mark.parametrize("command", sorted(WRITTEN))
def test_what_the_pages_name_is_known(command: str) -> None:
    """Each make command of the README and the pages, with its arguments, is one that make can run."""
    done = make("--dry-run", *shlex.split(command))
    assert done.returncode == 0, done.stderr


def test_help_names_every_target() -> None:
    """Who asks for help sees every target there is, and no other; it is what make alone does, too."""
    told = make("help").stdout
    assert re.findall(r"^make (\S+)", told, re.MULTILINE) == [each for each in TARGETS if each != "help"]
    assert make().stdout == told


@pytest.mark.parametrize("target", [each for each in TARGETS if each not in ("help", "clean")])
def test_what_a_target_runs_is_there(target: str) -> None:
    """Programs and modules that the recipes name are installed or our own."""
    told = "\n".join(would_run(target))
    programs = set(re.findall(r"\.(?:venv|hub/bootstrap)/bin/[\w.-]+", told))
    modules = set(re.findall(r"\.venv/bin/python -m ([\w.]+)", told))
    assert programs
    assert [each for each in programs if not (ROOT / each).exists()] == []
    assert [each for each in modules if find_spec(each) is None] == []


def test_ci_leaves_no_test_out() -> None:
    """CI runs ``make test``: all that ``make check`` runs, every mark, and each property with all its examples."""
    assert (ROOT / ".ci" / "run").read_text().endswith("exec make test\n")
    checked, tested = would_run("check"), would_run("test")
    marks = [mark.partition(":")[0] for mark in _settings()["pytest"]["ini_options"]["markers"]]
    alone, with_parts = " and ".join(f"not {mark}" for mark in marks), " or ".join(marks)
    assert f'.venv/bin/pytest -q -n logical -m "{alone}" --hypothesis-profile=quick' == checked[-1]
    in_full = f'.venv/bin/pytest -n logical -m "{alone}" --hypothesis-profile=full'
    assert tested == [*checked[:-1], in_full, f'.venv/bin/pytest -m "{with_parts}"']


def _settings() -> dict[str, dict[str, dict[str, list[str]]]]:
    settings: dict[str, dict[str, dict[str, list[str]]]] = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]
    return settings


def test_clean_keeps_the_data(tmp_path: Path) -> None:
    """What was installed and downloaded goes; what a hub for good keeps in the same folder stays."""
    shutil.copy(ROOT / "Makefile", tmp_path)
    for each in (".venv/bin/hub", ".hub/uv/x", ".hub/jars/x", ".hub/ruff/x", ".hub/mypy/x", ".hub/data/hub.toml"):
        (tmp_path / each).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / each).touch()
    assert make("clean", folder=tmp_path).returncode == 0
    kept = {str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if path.is_file()}
    assert kept == {"Makefile", ".hub/data/hub.toml"}


def test_a_python_that_is_not_there_is_named(tmp_path: Path) -> None:
    """Without the Python that was asked for, make ends with what to do, before it makes anything."""
    for name in ("Makefile", "requirements-bootstrap.lock"):
        shutil.copy(ROOT / name, tmp_path)
    done = make(".hub/bootstrap/bin/uv", "PYTHON=python-of-nobody", folder=tmp_path)
    assert done.returncode
    assert "expected Python 3.11 or newer as 'python-of-nobody', there is none: install it, or name" in done.stderr
    assert not (tmp_path / ".hub").exists()


@pytest.mark.real  # asks the package registry
def test_the_locks_fit_what_is_asked_for(tmp_path: Path) -> None:
    """``make lock`` changes nothing: whoever changed what the project needs has run it."""
    locks = sorted(path.name for path in ROOT.glob("*.lock"))
    for name in ("Makefile", "pyproject.toml", *locks):
        shutil.copy(ROOT / name, tmp_path)
    uv = ROOT / ".hub" / "bootstrap" / "bin" / "uv"
    done = make("lock", f"UV={uv}", f"--assume-old={uv}", f"UV_CACHE_DIR={ROOT / '.hub' / 'uv'}", folder=tmp_path)
    assert done.returncode == 0, done.stderr
    assert [name for name in locks if (tmp_path / name).read_text() != (ROOT / name).read_text()] == []
