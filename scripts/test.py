"""Install what the tests need, run all of them, and print `N passed, N failed` as the last line.

Counts come from the reports that the tools write, never from their prose. A step that breaks without having counted
a failure counts as one. On Debian as root, Slurm and a browser are installed as well; elsewhere the parts that need
them say why they were left out.

The environment of the tests holds the wheel, not a link to this checkout: jobs and test servers run as an ordinary
user, who may not be allowed to read the checkout or the Python that made `.venv` (both often lie below /root). As
root it is therefore made by /usr/bin/python3 below /var/tmp; for everybody else it is `.venv-test`.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

ROOT = Path(__file__).resolve().parent.parent
REPORTS = ROOT / "reports"
SHARED = Path("/var/tmp/jupyterlab-compute")
TEST_USER = "compute-test"
#: More failed tests than this are no accident: none is tried again.
MOST_AGAIN = 8
CONSTRAINTS = ROOT / "scripts/constraints.txt"
#: What the places that Compute runs in are made of, one file each; for the rest the constraints count.
HOSTS = ROOT / "scripts/hosts"
#: JupyterHub's front door, from npm.
PROXY = "configurable-http-proxy@5.1.0"


@dataclass(frozen=True)
class Count:
    """What one step's report says."""

    passed: int = 0
    failed: int = 0
    skipped: int = 0


@dataclass(frozen=True)
class Outcome:
    name: str
    count: Count
    seconds: float
    note: str = ""


class Failed(Exception):
    """The tests cannot be run at all; the message says why."""


# --- reading the reports


def read_junit(report: Path) -> Count:
    """pytest's junit XML."""
    suites = list(ET.parse(report).getroot().iter("testsuite"))

    def total(key: str) -> int:
        return sum(int(suite.get(key, 0)) for suite in suites)

    failed = total("failures") + total("errors")
    return Count(total("tests") - failed - total("skipped"), failed, total("skipped"))


def skipped_because(report: Path) -> list[str]:
    """Why pytest left tests out, each reason once, with how many it concerns."""
    reasons: dict[str, int] = {}
    with contextlib.suppress(OSError, ET.ParseError):
        for skipped in ET.parse(report).getroot().iter("skipped"):
            reason = skipped.get("message") or "no reason given"
            reasons[reason] = reasons.get(reason, 0) + 1
    return [f"{number} tests: {reason}" for reason, number in reasons.items()]


def read_jest(report: Path) -> Count:
    """`jest --json`; a file that could not even be loaded is one failure."""
    found = json.loads(report.read_text())
    failed = found["numFailedTests"] + found["numRuntimeErrorTestSuites"]
    return Count(found["numPassedTests"], failed, found["numPendingTests"] + found["numTodoTests"])


def read_playwright(report: Path) -> Count:
    """Playwright's JSON reporter. What passed only at its second try counts as passed and is named (see `unsteady`)."""
    found = json.loads(report.read_text())
    stats = found["stats"]
    failed = stats["unexpected"] + len(found.get("errors", []))
    return Count(stats["expected"] + stats["flaky"], failed, stats["skipped"])


def unsteady_stories(report: Path) -> list[str]:
    """The stories that needed a second try."""

    def titles(suite: dict[str, Any]) -> Iterator[str]:
        for spec in suite.get("specs", []):
            if any(test.get("status") == "flaky" for test in spec["tests"]):
                yield f"{spec['file']}: {spec['title']}"
        for inner in suite.get("suites", []):
            yield from titles(inner)

    with contextlib.suppress(OSError, ValueError, KeyError):
        return [title for suite in json.loads(report.read_text())["suites"] for title in titles(suite)]
    return []


def failed_tests(report: Path) -> set[str]:
    """The names of pytest's failed tests."""
    return {
        f"{case.get('classname')}::{case.get('name')}"
        for case in ET.parse(report).getroot().iter("testcase")
        if case.find("failure") is not None or case.find("error") is not None
    }


# --- running


class Run:
    """The steps done so far, and how to do one more."""

    def __init__(self, env: Mapping[str, str]) -> None:
        self.env = dict(env)
        self.outcomes: list[Outcome] = []
        self.left_out: list[str] = []
        #: What passed, but not at once. Real servers share two cores here; each of these is worth a look.
        self.unsteady: list[str] = []

    def check(self, name: str, argv: Sequence[str | Path], cwd: Path = ROOT, timeout_s: float = 600) -> None:
        """A tool that says yes or no: one passed or one failed."""
        began = self._head(name)
        code, note = self._call(argv, timeout_s, cwd)
        self._add(name, Count(passed=1) if code == 0 else Count(failed=1), began, note)

    def suite(
        self,
        name: str,
        argv: Sequence[str | Path],
        report: Path,
        read: Callable[[Path], Count],
        *,
        cwd: Path = ROOT,
        timeout_s: float = 1200,
        env: Mapping[str, str] | None = None,
    ) -> None:
        """A test runner that writes a report."""
        began = self._head(name)
        report.unlink(missing_ok=True)
        code, note = self._call(argv, timeout_s, cwd, env)
        try:
            count = read(report)
        except (OSError, ValueError, KeyError, ET.ParseError) as error:
            count, note = Count(failed=1), note or f"no readable report: {error!r}"
        if count.failed == 0 and code != 0:
            count, note = Count(count.passed, 1, count.skipped), note or f"ended with {code}"
        elif count.failed == 0 and count.passed == 0:
            count, note = Count(0, 1, count.skipped), "not one test ran"
        self._add(name, count, began, note)

    def call(self, argv: Sequence[str | Path], cwd: Path = ROOT, timeout_s: float = 900) -> None:
        """A preparation without which nothing can be tested. Quiet, unless it fails."""
        log = REPORTS / "preparation.log"
        with log.open("wb") as out:
            code, note = self._call(argv, timeout_s, cwd, out=out)
        if code != 0:
            print(log.read_text(errors="replace"), flush=True)
            raise Failed(f"{' '.join(map(str, argv))}: {note or f'ended with {code}'}")

    def _head(self, name: str) -> float:
        print(f"\n=== {name}", flush=True)
        return time.monotonic()

    def _add(self, name: str, count: Count, began: float, note: str) -> None:
        self.outcomes.append(Outcome(name, count, time.monotonic() - began, note))

    def _call(
        self,
        argv: Sequence[str | Path],
        timeout_s: float,
        cwd: Path = ROOT,
        env: Mapping[str, str] | None = None,
        out: IO[bytes] | None = None,
    ) -> tuple[int, str]:
        """The exit code, and a word if it is not the program's own. What it leaves running in its group is ended."""
        words = [str(word) for word in argv]
        try:
            process = subprocess.Popen(
                words,
                cwd=cwd,
                env={**self.env, **(env or {})},
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT if out else None,
                start_new_session=True,
            )
        except OSError as error:
            return 127, str(error)
        try:
            return process.wait(timeout_s), ""
        except subprocess.TimeoutExpired:
            return 124, f"took longer than {timeout_s:.0f} s"
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()


# --- what the tests need


def is_debian() -> bool:
    return Path("/etc/debian_version").exists() and shutil.which("apt-get") is not None


def require_node() -> None:
    node = shutil.which("node")
    found = subprocess.run([node, "--version"], capture_output=True, text=True).stdout.strip() if node else "none"
    if not node or int(found.lstrip("v").split(".")[0]) < 20:
        raise Failed(f"Node.js 20 or newer must be on PATH (Debian 12 has 18); found: {found}.")


def install_system(run: Run) -> None:
    require_node()
    if os.geteuid() == 0 and is_debian():
        run.call(["bash", ROOT / "scripts/install-system.sh"])
        return
    why = "not root" if is_debian() else "not Debian"
    if not shutil.which("slurmctld", path="/usr/local/sbin:/usr/sbin:/usr/local/bin:/usr/bin"):
        run.left_out.append(f"tests against a real Slurm: slurmctld is not installed, and this run may not ({why})")
    elif os.geteuid() != 0:
        run.left_out.append("tests against a real Slurm: its daemons need root")
    if not find_browser():
        run.left_out.append(f"browser stories: no Chromium is installed, and this run may not install one ({why})")


def find_browser() -> str | None:
    return shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


def base_python() -> Path:
    """A Python that every user of this machine can run."""
    system = Path("/usr/bin/python3")
    if os.geteuid() == 0 and system.exists():
        new_enough = "import sys; sys.exit(sys.version_info < (3, 10))"
        if subprocess.run([system, "-c", new_enough]).returncode == 0:
            return system
    return Path(sys.executable)


def place() -> Path:
    """The folder of this checkout's test environment and wheel."""
    if os.geteuid() != 0:
        return ROOT / ".venv-test"
    return SHARED / hashlib.sha256(str(ROOT).encode()).hexdigest()[:12]


def forget_old_places() -> None:
    """Remove the environments of checkouts that are gone."""
    for mark in SHARED.glob("*/checkout"):
        if not Path(mark.read_text()).exists():
            shutil.rmtree(mark.parent, ignore_errors=True)


def make_environment(run: Run) -> Path:
    """A venv with pip, the build tools and jlpm; anew when what it should hold has changed."""
    base = base_python()
    home = place()
    if os.geteuid() == 0:
        forget_old_places()
    home.mkdir(parents=True, exist_ok=True)
    home.chmod(0o755)
    (home / "checkout").write_text(str(ROOT))
    venv = home / "venv"
    version = subprocess.run([base, "-V"], capture_output=True, text=True, check=True).stdout
    wanted = hashlib.sha256(
        b"\0".join([version.encode(), (ROOT / "pyproject.toml").read_bytes(), CONSTRAINTS.read_bytes()])
    ).hexdigest()
    stamp = venv / ".made-for"
    if not (stamp.is_file() and stamp.read_text() == wanted):
        run.call([base, "-m", "venv", "--clear", venv])
        pip = [venv / "bin/python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        run.call([*pip, "--constraint", CONSTRAINTS, "jupyterlab", "build"])
        stamp.write_text(wanted)
    return venv


def clean_copy(target: Path) -> None:
    """What git knows or would add, and nothing that a build left behind."""
    shutil.rmtree(target, ignore_errors=True)
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    )
    for name in filter(None, listed.stdout.decode().split("\0")):
        if (ROOT / name).is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, target / name)


def build_wheel(run: Run, venv: Path) -> Path:
    """The wheel as a release would make it, through the source distribution, from a clean copy."""
    source, dist = venv.parent / "source", venv.parent / "dist"
    clean_copy(source)
    shutil.rmtree(dist, ignore_errors=True)
    run.call([venv / "bin/python", "-m", "build", "--outdir", dist, source])
    shutil.rmtree(source, ignore_errors=True)
    [wheel] = dist.glob("*.whl")
    return wheel


def install_wheel(run: Run, venv: Path, wheel: Path) -> None:
    pip = [venv / "bin/python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    run.call([*pip, "--constraint", CONSTRAINTS, f"{wheel}[test,lint,docs]"])
    # Same version, perhaps other contents: the wheel of this run replaces that of the last.
    run.call([*pip, "--force-reinstall", "--no-deps", wheel])


# --- the steps


def checks(run: Run, venv: Path) -> None:
    python, jlpm = venv / "bin/python", venv / "bin/jlpm"
    locks = [str(lock.relative_to(ROOT)) for lock in (ROOT / "yarn.lock", ROOT / "ui-tests/yarn.lock") if lock.exists()]
    run.check("lock files name no address", ["bash", "-c", f"! grep -nE 'https?://|__archiveUrl' {' '.join(locks)}"])
    run.check("formatting: prettier", [jlpm, "prettier:base", "--check"])
    run.check("lint: stylelint", [jlpm, "stylelint:base"])
    run.check("lint: eslint", [jlpm, "eslint:base"])
    run.check("types: tsc", [jlpm, "types:check"])
    run.check("contract: src/api/schema.ts is up to date", [jlpm, "contract:check"])
    run.check("translations: complete, and as the sources are", [jlpm, "translations", "--check"])
    run.check("formatting: ruff", [python, "-m", "ruff", "format", "--check", "."])
    run.check("lint: ruff", [python, "-m", "ruff", "check", "."])
    run.check("types: mypy", [python, "-m", "mypy"])
    run.check("lint: import-linter", [venv / "bin/lint-imports", "--no-cache"])


def docs(run: Run, venv: Path) -> None:
    pages = REPORTS / "docs"
    # A warning is an error: what a page says of the code is checked while it is built.
    sphinx = [venv / "bin/python", "-m", "sphinx", "-W", "--keep-going", "-n", "-E", "-q", "-b", "html"]
    run.check("docs: sphinx", [*sphinx, ROOT / "docs", pages])


def jest(run: Run, venv: Path) -> None:
    report = REPORTS / "jest.json"
    run.suite("jest", [venv / "bin/jlpm", "jest", "--json", f"--outputFile={report}"], report, read_jest)


def pytest(run: Run, venv: Path) -> None:
    report, again = REPORTS / "pytest.xml", REPORTS / "pytest-again.xml"
    argv = [venv / "bin/python", "-m", "pytest"]
    # Two at a time: half of them wait for a scheduler. Those of one file share its servers and stay together.
    at_once = ["-n", "2", "--dist", "loadfile"]
    run.suite("pytest", [*argv, *at_once, f"--junitxml={report}"], report, read_junit, timeout_s=2400)
    run.left_out += skipped_because(report)
    first = run.outcomes[-1]
    if first.note or not 0 < first.count.failed <= MOST_AGAIN:
        return
    failed = failed_tests(report)
    run.suite(
        "pytest: what failed, once more",
        [*argv, "--last-failed", f"--junitxml={again}"],
        again,
        read_junit,
        timeout_s=900,
    )
    second = run.outcomes.pop()
    steady = failed - failed_tests(again) if again.exists() and not second.note else set()
    run.unsteady += sorted(steady)
    count = Count(first.count.passed + len(steady), first.count.failed - len(steady), first.count.skipped)
    run.outcomes[-1] = Outcome(first.name, count, first.seconds + second.seconds)


def stories(run: Run, venv: Path) -> None:
    folder, report = ROOT / "ui-tests", REPORTS / "stories.json"
    if not (folder / "package.json").exists():
        run.left_out.append("browser stories: there is no ui-tests/package.json")
        return
    jlpm = venv / "bin/jlpm"
    run.call([jlpm, "install", "--immutable"], cwd=folder)
    run.check("types: tsc on the stories", [jlpm, "types:check"], cwd=folder)
    if not find_browser():
        return  # said already
    run.suite(
        "browser stories",
        [jlpm, "playwright", "test", "--reporter=list,json"],
        report,
        read_playwright,
        cwd=folder,
        timeout_s=2400,
        env={"PLAYWRIGHT_JSON_OUTPUT_FILE": str(report), "PLAYWRIGHT_JSON_OUTPUT_NAME": str(report)},
    )
    run.unsteady += unsteady_stories(report)


def pinned_names(file: Path) -> set[str]:
    return {line.partition("==")[0] for line in file.read_text().splitlines() if "==" in line}


def make_host(run: Run, home: Path, asked: Path, wheel: Path) -> None:
    """A venv with a server of that kind and the wheel of this run; the server is kept while the same is asked for."""
    venv, others = home / asked.stem, home / f"{asked.stem}.constraints"
    stamp = venv / ".made-for"
    wanted = hashlib.sha256(b"\0".join([asked.read_bytes(), CONSTRAINTS.read_bytes()])).hexdigest()
    pip = [venv / "bin/python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    if not (stamp.is_file() and stamp.read_text() == wanted):
        own = pinned_names(asked)
        lines = CONSTRAINTS.read_text().splitlines()
        others.write_text("\n".join(line for line in lines if line.partition("==")[0] not in own))
        run.call([base_python(), "-m", "venv", "--clear", venv])
        run.call([*pip, "--constraint", others, "--requirement", asked, wheel])
        stamp.write_text(wanted)
    run.call([*pip, "--force-reinstall", "--no-deps", wheel])


def hosts(run: Run, venv: Path, wheel: Path) -> None:
    """The wheel in JupyterLab old and new, Notebook 7, JupyterHub, and beside jupyter-collaboration."""
    if not find_browser():
        run.left_out.append("stories in other JupyterLabs, Notebook 7 and JupyterHub: no Chromium is installed")
        return
    folder, report, home = ROOT / "ui-tests", REPORTS / "hosts.json", place() / "hosts"
    home.mkdir(exist_ok=True)
    with told("the places that Compute runs in"):
        run.call([venv / "bin/jlpm", "install", "--immutable"], cwd=folder)
        for asked in sorted(HOSTS.glob("*.txt")):
            make_host(run, home, asked, wheel)
        proxy = home / PROXY
        if shutil.which("npm") and not proxy.exists():
            run.call(["npm", "install", "--silent", "--no-audit", "--no-fund", "--prefix", f"{proxy}.new", PROXY])
            Path(f"{proxy}.new").rename(proxy)
    if not proxy.exists():
        run.left_out.append("the story of JupyterHub: its proxy comes from npm, which is not installed")
    run.suite(
        "stories in other places",
        [venv / "bin/jlpm", "playwright", "test", "--config", "hosts.config.ts"],
        report,
        read_playwright,
        cwd=folder,
        timeout_s=900,
        env={"COMPUTE_HOSTS": str(home), "COMPUTE_HUB_PROXY": str(proxy) if proxy.exists() else ""},
    )
    run.unsteady += unsteady_stories(report)


def wheel_test(run: Run, venv: Path, wheel: Path) -> None:
    report = REPORTS / "wheel.xml"
    argv = [venv / "bin/python", "-m", "pytest", ROOT / "tests/wheel", f"--junitxml={report}", "-p", "no:cacheprovider"]
    run.suite("the wheel in an empty environment", argv, report, read_junit, env={"COMPUTE_TEST_WHEEL": str(wheel)})


STEPS = ("checks", "docs", "jest", "pytest", "stories", "hosts", "wheel")


@contextlib.contextmanager
def told(what: str) -> Iterator[None]:
    began = time.monotonic()
    print(f"--- {what}", flush=True)
    yield
    print(f"    {time.monotonic() - began:.0f} s", flush=True)


def run_all(run: Run, steps: Sequence[str]) -> None:
    with told("what comes from the system"):
        install_system(run)
    with told("the Python environment"):
        venv = make_environment(run)
    run.env["PATH"] = f"{venv / 'bin'}{os.pathsep}{run.env['PATH']}"
    run.env["VIRTUAL_ENV"] = str(venv)
    run.env["COMPUTE_TEST_PYTHON"] = str(venv / "bin/python")
    if os.geteuid() == 0:
        run.env["COMPUTE_TEST_USER"] = TEST_USER
    with told("node_modules"):
        run.call([venv / "bin/jlpm", "install", "--immutable"])
    with told("the wheel, built from a clean copy"):
        wheel = build_wheel(run, venv)
        install_wheel(run, venv, wheel)
    if "checks" in steps:
        checks(run, venv)
    if "docs" in steps:
        docs(run, venv)
    if "jest" in steps:
        jest(run, venv)
    if "pytest" in steps:
        pytest(run, venv)
    if "stories" in steps:
        stories(run, venv)
    if "hosts" in steps:
        hosts(run, venv, wheel)
    if "wheel" in steps:
        wheel_test(run, venv, wheel)


def summarise(run: Run) -> int:
    print("\n=== summary")
    for outcome in run.outcomes:
        count = outcome.count
        words = f"{count.passed} passed, {count.failed} failed"
        words += f", {count.skipped} skipped" if count.skipped else ""
        words += f" ({outcome.note})" if outcome.note else ""
        print(f"{'ok ' if not count.failed else 'BAD'} {outcome.seconds:6.1f} s  {outcome.name}: {words}")
    for name in run.unsteady:
        print(f"passed at the second try only: {name}")
    for part in run.left_out:
        print(f"left out: {part}")
    passed = sum(outcome.count.passed for outcome in run.outcomes)
    failed = sum(outcome.count.failed for outcome in run.outcomes)
    line = f"{passed} passed, {failed} failed"
    (REPORTS / "sum.txt").write_text(line + "\n")
    print(line, flush=True)
    return 1 if failed or not passed else 0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--only", default=",".join(STEPS), help=f"some of {','.join(STEPS)}; default: all")
    steps = parser.parse_args().only.split(",")
    if unknown := set(steps) - set(STEPS):
        parser.error(f"no such step: {', '.join(sorted(unknown))}")
    REPORTS.mkdir(exist_ok=True)
    env = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "VIRTUAL_ENV", "MAKEFLAGS")}
    run = Run(env)
    try:
        run_all(run, steps)
    except Failed as error:
        print(f"\nThe tests could not go on. {error}", flush=True)
        run.outcomes.append(Outcome("preparation", Count(failed=1), 0, str(error)))
    return summarise(run)


if __name__ == "__main__":
    sys.exit(main())
