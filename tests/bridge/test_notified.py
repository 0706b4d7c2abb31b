"""Real servers, real jobs, a real webhook and a real mail server: who is told what, and what nobody ever reads."""

from __future__ import annotations

import email
import json
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from email.policy import default
from pathlib import Path
from typing import Any

import pytest

from jupyterlab_compute import notify

from ..jupyter import Jupyter, whole
from ..servers.receivers import PASSWORD, SECRET, Letters, Webhook, a_certificate, mail_server
from ..waiting import wait_for

TO = "ann@example.org"
BOTH = {"on": ["started", "ended", "failed"], "by": ["mail", "webhook"]}


@dataclass
class World:
    """A server of somebody who wants to be told, and where the messages go."""

    jupyter: Jupyter
    hook: Webhook
    letters: Letters

    def settings(self, **more: Any) -> None:
        """Write the person's settings, as JupyterLab does."""
        folder = self.jupyter.home / "config" / "lab" / "user-settings" / "jupyterlab-compute"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "notifications.jupyterlab-settings").write_text(
            "// What JupyterLab writes there first.\n"
            + json.dumps({"mail_to": TO, "webhook_file": str(self.jupyter.home / "hook"), **more})
        )

    def told(self, job_id: str, on: str, *, ways: int = 1) -> dict[str, str | None]:
        """By which ways that was told, or given up, and what kept it; as soon as so many are over."""

        def there() -> dict[str, str | None] | None:
            notified = self.jupyter.job(job_id)["notified"]
            over = {each["by"]: each["problem"] for each in notified if each["at"] and each["on"] == on}
            return over if len(over) >= ways else None

        return wait_for(there, 30, self.jupyter.log.read_text)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    certificate = a_certificate(tmp_path)
    letters = Letters()
    server = mail_server(letters, certificate, login=True)
    server.start()
    (tmp_path / "home").mkdir()
    password = tmp_path / "home" / "password"
    password.touch(0o600)
    password.write_text(PASSWORD)
    jupyter = Jupyter(
        tmp_path / "home",
        environment={"SSL_CERT_FILE": str(certificate)},
        options=(
            "--debug",
            "--ComputeApp.public_url=https://hub.example.org",
            "--ComputeApp.smtp_host=127.0.0.1",
            f"--ComputeApp.smtp_port={server.port}",
            "--ComputeApp.smtp_user=bridge",
            f"--ComputeApp.smtp_password_file={password}",
            "--ComputeApp.mail_from=jobs@example.org",
            "--ComputeApp.notify_again_s=0.1",
            "--ComputeApp.notify_again_s=0.2",
        ),
    )
    with Webhook() as hook:
        hook.in_file(jupyter.home / "hook")
        world = World(jupyter, hook, letters)
        world.settings()
        yield world
        jupyter.stop()
    server.stop()


def test_a_job_is_told_of_and_the_secrets_stand_nowhere(world: World) -> None:
    jupyter, hook, letters = world.jupyter, world.hook, world.letters
    hook.answers = [500, 404, 200]
    jupyter.start()
    ways = jupyter.ask("GET", "notify").json
    assert (ways["mail"]["ok"], ways["webhook"]["ok"], ways["mail_to"]) == (True, True, TO)
    job = jupyter.run(whole("print('the data')\nraise ValueError('the data')", notify=BOTH))
    assert jupyter.wait(job["id"])["state"] == "failed"
    assert world.told(job["id"], "failed", ways=2)["mail"] is None
    link = f"https://hub.example.org/lab?compute-job={job['id']}"
    letter = email.message_from_bytes(bytes(letters.came[-1].content or b""), policy=default)
    assert letter["Subject"] == "work.ipynb: Failed · This machine"
    lines = letter.get_content().strip().splitlines()
    assert (lines[1], lines[-1]) == ("Cell 1 of 1 raised ValueError.", link)
    assert letters.logins[-1] == ("bridge", PASSWORD)
    assert all(letters.encrypted)
    assert hook.texts
    assert all("the data" not in text for text in [*hook.texts, *lines])
    answers = [jupyter.request("GET", "compute/api/jobs", headers={"Authorization": f"token {jupyter.token}"}).body]
    answers += [jupyter.ask("GET", "notify").body, jupyter.ask("POST", "notify/trial", {"by": "webhook"}).body]
    jupyter.stop()
    kept = [path for path in jupyter.home.rglob("*") if path.is_file() and path.name not in {"hook", "password"}]
    assert Path(job["run_folder"], "job.json") in kept
    assert "compute: not told" in jupyter.log.read_text()
    read = {path.name: path.read_bytes() for path in kept} | {str(n): body for n, body in enumerate(answers)}
    for secret in (SECRET, "xoxo", PASSWORD):
        assert [name for name, content in read.items() if secret.encode() in content] == []


def test_the_settings_count_for_a_request_that_says_nothing(world: World) -> None:
    world.settings(tell_ended=True, by_webhook=True)
    world.jupyter.start()
    assert world.jupyter.ask("GET", "notify").json["usual"] == {"on": ["ended"], "by": ["webhook"]}
    job = world.jupyter.run(whole("1"))
    quiet = world.jupyter.run(whole("1", notify={"on": [], "by": []}))
    assert world.jupyter.wait(job["id"])["state"] == "succeeded"
    assert world.jupyter.wait(quiet["id"])["state"] == "succeeded"
    assert world.told(job["id"], "ended") == {"webhook": None}
    assert [text.split("\n")[0] for text in world.hook.texts] == ["work.ipynb: Done · This machine"]
    assert world.jupyter.job(quiet["id"])["notified"] == []


def test_a_job_that_ended_while_the_server_was_away_is_told_of_when_one_is_there(world: World) -> None:
    world.jupyter.start()
    job = world.jupyter.run(
        whole(
            "import pathlib, time\nwhile not pathlib.Path('gate').exists(): time.sleep(0.02)",
            notify={"on": ["ended"], "by": ["mail"]},
        )
    )
    world.jupyter.wait(job["id"], "running")
    world.jupyter.kill()
    (world.jupyter.notebooks / "gate").touch()
    wait_for(Path(job["run_folder"], "attempts", "1", "exit.json").exists, 30)
    assert world.letters.came == []
    world.jupyter.start()
    assert world.told(job["id"], "ended") == {"mail": None}
    assert len(world.letters.came) == 1


def test_a_server_that_is_killed_while_it_tells_leaves_word_that_nobody_knows(world: World) -> None:
    world.hook.answers = [None]
    world.jupyter.start()
    job = world.jupyter.run(whole("1", notify={"on": ["ended"], "by": ["webhook"]}))
    wait_for(lambda: world.hook.came, 30)
    world.jupyter.kill()
    world.jupyter.start()
    assert world.told(job["id"], "ended") == {"webhook": notify.INTERRUPTED}
    assert len(world.hook.came) == 1


def test_a_server_stops_while_a_webhook_hangs(world: World) -> None:
    world.hook.answers = [None]
    world.jupyter.options += ("--ComputeApp.notify_timeout_s=300",)
    world.jupyter.start()
    job = world.jupyter.run(whole("1", notify={"on": ["ended"], "by": ["webhook"]}))
    wait_for(lambda: world.hook.came, 30)
    # It answers meanwhile.
    assert world.jupyter.job(job["id"])["notified"] == [{"by": "webhook", "on": "ended", "at": None, "problem": None}]
    assert world.jupyter.process is not None
    world.jupyter.process.terminate()
    try:
        world.jupyter.process.wait(20)
    except subprocess.TimeoutExpired:
        pytest.fail(f"It waits for the webhook.\n{world.jupyter.log.read_text()[-3000:]}")


def test_a_webhook_of_the_site_stands_in_a_variable(world: World) -> None:
    world.settings(webhook_file="")
    world.jupyter.environment["SITE_HOOK"] = world.hook.address
    world.jupyter.options += ("--ComputeApp.webhook_env=SITE_HOOK",)
    world.jupyter.start()
    job = world.jupyter.run(whole("import os; print(sorted(os.environ))", notify={"on": ["ended"], "by": ["webhook"]}))
    assert world.told(job["id"], "ended") == {"webhook": None}
    assert "SITE_HOOK" not in world.jupyter.printed(job["id"])


def test_a_wish_in_vain_is_refused_in_words(world: World) -> None:
    (world.jupyter.home / "hook").chmod(0o644)
    world.jupyter.start()
    answer = world.jupyter.ask("POST", "jobs", whole("1", notify={"on": ["ended"], "by": ["webhook"]}))
    assert (answer.status, answer.json["pointer"]) == (422, "/notify/by")
    assert "chmod 600" in answer.json["message"]
    for wrong in ({"on": ["ended"]}, {"on": ["fired"], "by": []}, {"on": "ended", "by": []}, []):
        assert world.jupyter.ask("POST", "jobs", whole("1", notify=wrong)).status == 422
    assert world.jupyter.ask("POST", "notify/trial", {"by": "pigeon"}).status == 422
