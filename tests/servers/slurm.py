"""A real Slurm on this machine: slurmctld, four slurmd on loopback, and if wanted slurmdbd on a MariaDB.

Everything lies in one folder and listens on ports and sockets of its own, so that several may run beside
each other. As a context manager, for tests::

    with SlurmCluster(accounting=True) as slurm:
        slurm.run(["srun", "hostname"])

and from the command line, for everything else::

    python -m tests.servers.slurm start --dir /tmp/slurm --accounting
    python -m tests.servers.slurm stop --dir /tmp/slurm
"""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
import pwd
import secrets
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from . import slurm_config as config
from .daemons import PATH, TEST_USER, Daemons, ensure_test_user, free_ports, heirs, kill_tree, started_at, wait_until

_PREFIX = "compute-slurm-"
#: In the environment of a slurmd, and so of its slurmstepd, but not of jobs.
_NODE_MARK = "COMPUTE_TEST_NODE"


def why_not(*, accounting: bool = False) -> str | None:
    """Why no Slurm can be started here, in words for a skipped test; None if it can."""
    if os.geteuid() != 0:
        return "a Slurm for tests needs root (its jobs run as another user)"
    programs = ["munged", "slurmctld", "slurmd", "srun"]
    programs += ["slurmdbd", "mariadbd", "mariadb-install-db"] if accounting else []
    missing = [each for each in programs if shutil.which(each, path=PATH) is None]
    return f"not installed: {', '.join(missing)} (see scripts/install-system.sh)" if missing else None


class SlurmCluster:
    """One Slurm. `start` returns when all nodes are idle; `stop` leaves no process behind."""

    def __init__(self, folder: Path | str | None = None, **options: object) -> None:
        """`folder`: created, and kept at the end; None: a temporary one. `options`: see `config.Options`."""
        self.options = config.Options(**options)  # type: ignore[arg-type]
        self._temporary = folder is None
        self.folder = Path(folder or tempfile.mkdtemp(prefix=_PREFIX)).resolve()
        self._daemons = Daemons(self.folder)
        self._port = 0

    @classmethod
    def attach(cls, folder: Path | str) -> SlurmCluster:
        """The cluster that another process started in `folder`."""
        known = json.loads((Path(folder) / "cluster.json").read_text())
        options = known["options"] | {"extra": tuple(known["options"]["extra"])}
        self = cls(folder, **options)
        self._port = known["port"]
        return self

    def __enter__(self) -> SlurmCluster:  # noqa: PYI034 — Self came with Python 3.11
        try:
            self.start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *error: object) -> None:
        self.stop()

    # -- life ------------------------------------------------------------------------------------------

    def start(self) -> None:
        """Start all of it. Leftovers of a crashed run, in this folder or a temporary one, are ended first."""
        if reason := why_not(accounting=self.options.accounting):
            raise RuntimeError(reason)
        _end_orphans()
        ensure_test_user()
        if (self.folder / "cluster.json").exists():
            self.attach(self.folder).stop()
        self._port = free_ports(8)
        self._write_files()
        munge = self.folder / "munge"
        self._start("munged", "munged", "--foreground", f"--socket={munge}/socket", f"--key-file={munge}/key",
                    f"--pid-file={munge}/pid", f"--log-file={munge}/log", f"--seed-file={munge}/seed",
                    user="munge")  # fmt: skip
        wait_until(self._munge_answers, "munged", timeout_s=10)
        if self.options.accounting:
            self._make_accounts()
        self.start_controller()
        for node in config.NODES:
            self.start_node(node)
        self.wait_idle()

    def stop(self) -> None:
        """End the jobs, then the daemons, then forget. Harmless when nothing runs."""
        if self._daemons.get("slurmctld"):
            with contextlib.suppress(subprocess.SubprocessError, AssertionError):
                self.run(["scancel", "--full", "--signal=KILL", "--state=RUNNING"], user="root", timeout_s=15)
                self.run(["scancel", "--state=PENDING"], user="root", timeout_s=15)
                wait_until(lambda: not list(self._steps()), "the end of the jobs", timeout_s=8)
        self._daemons.end_all()
        for pid in list(self._steps()):
            kill_tree(pid)
        if self._temporary:
            shutil.rmtree(self.folder, ignore_errors=True)
        else:
            (self.folder / "cluster.json").unlink(missing_ok=True)

    def start_controller(self) -> None:
        """Start slurmctld, with the state that it saved, and return when it answers."""
        self._start("slurmctld", "slurmctld", "-D")
        self._wait("slurmctld", lambda: self.run(["scontrol", "ping"], check=False).stdout.count("is UP"))

    def stop_controller(self) -> None:
        """An orderly stop: slurmctld saves its state first."""
        self._daemons.end("slurmctld", timeout_s=20)

    def kill_controller(self) -> None:
        """A crash: what slurmctld learnt in the last seconds may be lost."""
        self._daemons.end("slurmctld", sign=signal.SIGKILL)

    def stop_accounting(self) -> None:
        """End slurmdbd; slurmctld keeps what it has to say for later."""
        self._daemons.end("slurmdbd")

    def start_accounting(self) -> None:
        """Start slurmdbd again, and return when it answers."""
        self._start("slurmdbd", "slurmdbd", "-D", env={"MYSQL_UNIX_PORT": f"{self.folder}/run/mysql.sock"})
        ask = ["sacctmgr", "--noheader", "list", "cluster"]
        self._wait("slurmdbd", lambda: not self.run(ask, user="root", check=False).returncode)

    def start_node(self, node: str) -> None:
        """Start the slurmd of that node."""
        self._start(f"slurmd-{node}", "slurmd", "-D", "-N", node, env={_NODE_MARK: node})

    def kill_node(self, node: str) -> None:
        """A node crashes: its slurmd and all that runs there vanish without a word."""
        self._daemons.end(f"slurmd-{node}", sign=signal.SIGKILL)
        for pid in list(self._steps(node)):
            kill_tree(pid)
        wait_until(lambda: not list(self._steps(node)), f"the end of the jobs on {node}", timeout_s=5)

    def node_down(self, node: str) -> None:
        """An administrator (or the node's own check) sets the node down; its jobs are requeued or fail."""
        self.run(["scontrol", "update", f"NodeName={node}", "State=DOWN", "Reason=test"], user="root")

    def node_resume(self, node: str) -> None:
        """Undo `node_down`, and return when the node takes jobs again."""

        def resumed() -> bool:
            if self.node_states().get(node) in ("idle", "mixed", "allocated"):
                return True
            self.run(["scontrol", "update", f"NodeName={node}", "State=RESUME"], user="root", check=False)
            return False

        wait_until(resumed, f"{node} to resume")

    def node_states(self) -> dict[str, str]:
        """The state of every node, as sinfo's long words: `idle`, `down*`, …"""
        answer = self.run(["sinfo", "--noheader", "--Node", "--partition=debug", "--format=%N %T"], check=False)
        return dict(line.split() for line in answer.stdout.splitlines())

    def running(self) -> list[str]:
        """The names of the daemons that are alive."""
        return [each.name for each in self._daemons if each.alive]

    def wait_idle(self) -> None:
        """Return when every node is idle."""
        idle = dict.fromkeys(config.NODES, "idle")
        try:
            self._wait("slurmctld", lambda: self.node_states() == idle)
        except AssertionError as error:
            raise AssertionError(f"{self.node_states()}: {error}") from error

    # -- use -------------------------------------------------------------------------------------------

    @property
    def env(self) -> dict[str, str]:
        """What clients need in their environment beside PATH."""
        return {"SLURM_CONF": str(self.folder / "slurm.conf")}

    def run(
        self, argv: Sequence[str], *, user: str = TEST_USER, check: bool = True, timeout_s: float = 60,
        env: Mapping[str, str] | None = None, cwd: str | None = None, stdin: str | None = None,
    ) -> subprocess.CompletedProcess[str]:  # fmt: skip
        """Run `argv` as `user`, in the user's home, in clean surroundings. `check`: fail with its stderr."""
        entry = pwd.getpwnam(user)
        surroundings = {"PATH": PATH, "HOME": entry.pw_dir, "USER": user, "LOGNAME": user, "LANG": "C.UTF-8"}
        answer = subprocess.run(
            argv, env=surroundings | self.env | dict(env or {}), cwd=cwd or entry.pw_dir, text=True, input=stdin,
            stdin=subprocess.DEVNULL if stdin is None else None, capture_output=True, timeout=timeout_s, umask=0o77,
            user=entry.pw_uid, group=entry.pw_gid, extra_groups=os.getgrouplist(user, entry.pw_gid),
        )  # fmt: skip
        if check and answer.returncode:
            raise AssertionError(f"{list(argv)} → {answer.returncode}: {answer.stderr.strip()}")
        return answer

    def sbatch(self, *options: str, script: str = "#!/bin/sh\nexec sleep 300\n") -> str:
        """Send a script as the test user; its id. Output goes nowhere unless `options` say where."""
        output = () if any(each.startswith("--output") for each in options) else ("--output=/dev/null",)
        return self.run(["sbatch", "--parsable", *output, *options], stdin=script).stdout.strip()

    def state(self, job: str) -> str:
        """slurmctld's word for that job's state; empty if it knows no such job."""
        answer = self.run(["scontrol", "--oneliner", "show", "job", job], check=False)
        return answer.stdout.partition("JobState=")[2].split(" ")[0]

    def wait_for(self, job: str, *states: str, timeout_s: float = 40) -> str:
        """The first of `states` that the job is seen in."""
        now = lambda: (word := self.state(job)) in states and word  # noqa: E731
        return str(wait_until(now, f"job {job} to be {' or '.join(states)}", timeout_s=timeout_s))

    # -- inside ----------------------------------------------------------------------------------------

    def _write_files(self) -> None:
        folder = self.folder
        for name, owner in {"": "root", "munge": "munge", "state": "slurm", "spool": "root", "run": "slurm"}.items():
            (folder / name).mkdir(parents=True, exist_ok=True)
            (folder / name).chmod(0o755)
            shutil.chown(folder / name, owner)
        key = folder / "munge" / "key"
        if not key.exists():
            key.write_bytes(secrets.token_bytes(128))
        key.chmod(0o400)
        shutil.chown(key, "munge")
        (folder / "slurm.conf").write_text(config.slurm_conf(self.options, folder, self._port))
        (folder / "gres.conf").write_text(config.gres_conf(folder))
        for number in range(2):
            (folder / "spool" / f"gpu{number}").touch()
        if self.options.memory == "cgroup":
            (folder / "cgroup.conf").write_text(config.cgroup_conf())
        if self.options.lua is not None:
            (folder / "job_submit.lua").write_text(self.options.lua)
        known = {"port": self._port, "options": dataclasses.asdict(self.options), "owner": None}
        if self._temporary:
            known["owner"] = [os.getpid(), started_at(os.getpid())]
        (folder / "cluster.json").write_text(json.dumps(known))

    def _make_accounts(self) -> None:
        database, socket_ = self.folder / "mysql", self.folder / "run" / "mysql.sock"
        password = secrets.token_hex(16)
        if not database.exists():
            subprocess.run(
                ["mariadb-install-db", "--no-defaults", "--user=mysql", f"--datadir={database}", "--skip-test-db"],
                check=True, capture_output=True, env={"PATH": PATH},
            )  # fmt: skip
        shutil.chown(self.folder / "run", "mysql")
        self._start("mariadbd", "mariadbd", "--no-defaults", "--user=mysql", f"--datadir={database}",
                    f"--socket={socket_}", "--skip-networking", "--innodb-buffer-pool-size=64M",
                    f"--pid-file={self.folder}/run/mysql.pid")  # fmt: skip
        user = f"slurm@localhost IDENTIFIED BY '{password}'"
        grant = f"CREATE OR REPLACE USER {user}; GRANT ALL ON slurm_acct.* TO slurm@localhost"
        sql = ["mariadb", "--no-defaults", f"--socket={socket_}", "--execute", grant]
        self._wait("mariadbd", lambda: not subprocess.run(sql, capture_output=True).returncode)
        shutil.chown(self.folder / "run", "slurm")
        conf = self.folder / "slurmdbd.conf"
        conf.touch(mode=0o600)
        shutil.chown(conf, "slurm")
        conf.write_text(config.slurmdbd_conf(self.folder, self._port, password))
        self.start_accounting()
        manager = ["sacctmgr", "--immediate", "--quiet"]
        self.run([*manager, "add", "cluster", self.options.cluster], user="root", check=False)
        for account in ("physics", "chemistry"):
            self.run([*manager, "add", "account", account], user="root", check=False)
        self.run([*manager, "add", "qos", "small", "MaxJobsPerUser=1", "MaxWall=60"], user="root", check=False)
        accounts = ["account=physics,chemistry", "defaultaccount=physics"]
        self.run([*manager, "add", "user", TEST_USER, *accounts], user="root", check=False)
        self.run([*manager, "modify", "user", TEST_USER, "set", "qos=normal,small"], user="root", check=False)

    def _start(self, name: str, *argv: str, user: str | None = None, env: Mapping[str, str] | None = None) -> None:
        surroundings = {"PATH": PATH, "LANG": "C.UTF-8"} | self.env | dict(env or {})
        self._daemons.start(name, argv, env=surroundings, user=user)

    def _wait(self, name: str, look: object) -> None:
        """Wait for `look`, and if it never comes true tell what the daemon said."""

        def alive_and_true() -> object:
            if not self._daemons.get(name):
                raise AssertionError(f"{name} died: {self._daemons.last_words(name)}")
            return look()  # type: ignore[operator]

        try:
            wait_until(alive_and_true, f"an answer of {name}", timeout_s=30)
        except AssertionError as error:
            raise AssertionError(f"{error}\n{self._daemons.last_words(name)}") from error

    def _munge_answers(self) -> bool:
        argv = ["munge", "--no-input", f"--socket={self.folder}/munge/socket"]
        return not subprocess.run(argv, capture_output=True, env={"PATH": PATH}).returncode

    def _steps(self, node: str | None = None) -> Iterator[int]:
        """The slurmstepd processes of this cluster (of one node)."""
        marks = self.env | ({_NODE_MARK: node} if node else {})
        return heirs("slurmstepd", marks)


def _end_orphans() -> None:
    """End the temporary clusters whose test run was killed before it could."""
    for known in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*/cluster.json"):
        with contextlib.suppress(OSError, ValueError):
            owner = json.loads(known.read_text())["owner"]
            if owner and started_at(owner[0]) != owner[1]:
                SlurmCluster.attach(known.parent).stop()
                shutil.rmtree(known.parent, ignore_errors=True)


if __name__ == "__main__":
    from .slurm_cli import main

    main()
