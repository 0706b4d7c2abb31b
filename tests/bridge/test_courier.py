"""Messages brought to a real webhook and a real mail server, and all that these can do wrong."""

from __future__ import annotations

import email
import os
import socket
import threading
from collections.abc import Iterator
from dataclasses import replace
from email.policy import default
from pathlib import Path

import pytest

from jupyterlab_compute import courier
from jupyterlab_compute.courier import Site, Unable
from jupyterlab_compute.notify import Message, Outcome

from ..servers.receivers import PASSWORD, SECRET, Letters, Webhook, a_certificate, mail_server

TOLD = Message("größe.ipynb: Done · Here", "größe.ipynb: Done · Here\nIt ran 0:42.\n<!channel>")
TO = "ann@example.org"


# The secret


def test_a_secret_is_the_first_line_of_a_file_of_ones_own(tmp_path: Path) -> None:
    path = tmp_path / "hook"
    path.write_text("  the secret \nmore\n")
    path.chmod(0o600)
    assert courier.secret(path) == "the secret"


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o777])
def test_a_secret_that_others_may_read_is_none(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "hook"
    path.write_text(SECRET)
    path.chmod(mode)
    with pytest.raises(Unable, match="chmod 600") as caught:
        courier.secret(path)
    assert SECRET not in str(caught.value)


def test_what_is_not_there_or_no_file_says_so(tmp_path: Path) -> None:
    empty, binary, pipe = tmp_path / "empty", tmp_path / "binary", tmp_path / "pipe"
    empty.touch(0o600)
    binary.touch(0o600)
    binary.write_bytes(b"\xff\xfe")
    os.mkfifo(pipe, 0o600)
    for path, words in [
        (tmp_path / "gone", "No such file"),
        (tmp_path, "is not a file"),
        (pipe, "is not a file"),
        (empty, "is empty"),
        (binary, "is not a text"),
    ]:
        with pytest.raises(Unable, match=words):
            courier.secret(path)


@pytest.mark.parametrize(
    ("address", "good"),
    [
        ("https://hooks.example.org/services/T/B/x", True),
        ("http://127.0.0.1:8065/hooks/x", True),
        ("http://localhost/hooks/x", True),
        ("http://[::1]:80/x", True),
        ("http://hooks.example.org/x", False),
        ("http://127.0.0.1.example.org/x", False),
        ("ftp://hooks.example.org/x", False),
        ("file:///etc/passwd", False),
        ("hooks.example.org/x", False),
        ("https:///x", False),
        ("https://a b/x", False),
        ("https://hooks.example.org/a b", False),
        ("https://hooks.example.org/\x07", False),
        ("https://ann:word@hooks.example.org/x", False),
        ("https://hooks.example.org:port/x", False),
        ("https://[::1/x", False),
    ],
)
def test_addresses_of_webhooks(address: str, good: bool) -> None:
    site = Site(webhook_env="HOOK")
    if good:
        assert courier.webhook_address(site, None, {"HOOK": address}) == address
        return
    with pytest.raises(Unable) as caught:
        courier.webhook_address(site, None, {"HOOK": address})
    assert address not in str(caught.value)


def test_a_site_may_allow_webhooks_without_encryption() -> None:
    address = "http://hooks.example.org/x"
    assert courier.webhook_address(Site(webhook_env="HOOK", webhook_http=True), None, {"HOOK": address}) == address


def test_ones_own_file_counts_before_the_sites_variable(tmp_path: Path) -> None:
    path = tmp_path / "hook"
    path.write_text("https://mine.example.org/x")
    path.chmod(0o600)
    site = Site(webhook_env="HOOK")
    assert courier.webhook_address(site, str(path), {"HOOK": "https://site.example.org/x"}) == path.read_text()
    for environment in ({}, {"HOOK": ""}):
        with pytest.raises(Unable, match="No webhook is set up"):
            courier.webhook_address(site, None, environment)


# Webhooks


def test_a_webhook_gets_slacks_json() -> None:
    with Webhook() as hook:
        assert courier.post(hook.address, TOLD, 5) == Outcome()
    assert hook.came == [{"text": "größe.ipynb: Done · Here\nIt ran 0:42.\n&lt;!channel&gt;"}]


@pytest.mark.parametrize(
    ("code", "again", "words"),
    [
        (500, True, "answered 500 (Internal Server Error)"),
        (503, True, "answered 503"),
        (429, True, "answered 429"),
        (404, False, "answered 404 (Not Found)"),
        (403, False, "answered 403"),
        (599, True, "answered 599."),
        (302, False, "not followed"),
        (307, False, "not followed"),
        (308, False, "not followed"),
    ],
)
def test_what_a_webhook_answers(code: int, again: bool, words: str) -> None:
    with Webhook(code) as hook:
        outcome = courier.post(hook.address, TOLD, 5)
    assert outcome.again is again
    assert words in (outcome.problem or "")
    assert "xoxo" not in (outcome.problem or "")
    assert len(hook.came) == 1
    assert hook.elsewhere == []


def test_a_webhook_that_hangs_may_have_got_it() -> None:
    with Webhook(None) as hook:
        outcome = courier.post(hook.address, TOLD, 0.3)
    assert outcome == Outcome("The webhook did not answer within 0.3 s; the message may have arrived.")
    assert len(hook.came) == 1


def test_a_webhook_that_breaks_off_may_have_got_it() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:

        def take_and_leave() -> None:
            connection, _ = server.accept()
            with connection:
                connection.recv(65536)

        thread = threading.Thread(target=take_and_leave)
        thread.start()
        outcome = courier.post(f"http://127.0.0.1:{server.getsockname()[1]}/{SECRET}", TOLD, 5)
        thread.join()
    assert outcome == Outcome("The webhook gave no answer; the message may have arrived.")


def a_port_where_nobody_is() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def test_a_webhook_that_is_down_gets_it_later() -> None:
    outcome = courier.post(f"http://127.0.0.1:{a_port_where_nobody_is()}/{SECRET}", TOLD, 5)
    assert outcome == Outcome("The webhook cannot be reached: Connection refused.", again=True)


def test_a_host_that_nobody_knows() -> None:
    outcome = courier.post(f"https://nowhere.invalid/{SECRET}", TOLD, 5)
    assert outcome.again
    assert "nowhere" not in (outcome.problem or "")


def test_an_address_that_no_connection_can_use() -> None:
    assert courier.post("http://127.0.0.1:99999/x", TOLD, 5).problem


def test_a_proxy_is_not_asked_for_what_is_here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{a_port_where_nobody_is()}")
    monkeypatch.delenv("no_proxy", raising=False)
    with Webhook() as hook:
        assert courier.post(hook.address, TOLD, 5) == Outcome()


# Mail


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return a_certificate(tmp_path_factory.mktemp("tls"))


@pytest.fixture
def letters() -> Letters:
    return Letters()


@pytest.fixture
def plain(letters: Letters) -> Iterator[Site]:
    server = mail_server(letters)
    server.start()
    yield Site(
        smtp_host="127.0.0.1", smtp_port=server.port, smtp_security="none", mail_from="jobs@example.org", timeout_s=5
    )
    server.stop()


def test_a_mail_arrives(plain: Site, letters: Letters) -> None:
    assert courier.mail(plain, TO, TOLD, "job.ended") == Outcome()
    [envelope] = letters.came
    assert (envelope.mail_from, envelope.rcpt_tos) == ("jobs@example.org", [TO])
    content = envelope.content
    assert isinstance(content, bytes)
    assert content.isascii()
    letter = email.message_from_bytes(content, policy=default)
    assert (letter["From"], letter["To"], letter["Subject"]) == ("jobs@example.org", TO, "größe.ipynb: Done · Here")
    assert (letter["Message-ID"], letter["Auto-Submitted"]) == ("<job.ended@example.org>", "auto-generated")
    assert letter.get_content().strip().splitlines() == TOLD.text.splitlines()


@pytest.mark.parametrize(
    ("rcpt", "data", "problem", "again"),
    [
        ("550 No such user", "250 OK", "The mail server refused the address (550).", False),
        ("451 Greylisted", "250 OK", "The mail server refused the address (451).", True),
        ("250 OK", "554 Spam", "The mail server refused the message (554).", False),
        ("250 OK", "452 No room", "The mail server refused the message (452).", True),
    ],
)
def test_what_a_mail_server_refuses(
    plain: Site, letters: Letters, rcpt: str, data: str, problem: str, again: bool
) -> None:
    letters.to_rcpt, letters.to_data = [rcpt], [data]
    assert courier.mail(plain, TO, TOLD, "x") == Outcome(problem, again)
    assert letters.came == []


def test_a_mail_server_that_leaves_with_the_letter_may_have_sent_it(plain: Site, letters: Letters) -> None:
    letters.on_data = lambda server: server.transport.abort()
    outcome = courier.mail(plain, TO, TOLD, "x")
    assert not outcome.again
    assert "may have been sent" in (outcome.problem or "")


def test_a_mail_server_that_is_down_gets_it_later(plain: Site) -> None:
    site = replace(plain, smtp_port=a_port_where_nobody_is())
    assert courier.mail(site, TO, TOLD, "x") == Outcome(
        "The mail server cannot be reached: Connection refused.", again=True
    )


def test_a_mail_server_that_never_says_a_word_gets_it_later() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        site = Site("127.0.0.1", silent.getsockname()[1], "none", mail_from="jobs@example.org", timeout_s=0.3)
        assert courier.mail(site, TO, TOLD, "x") == Outcome("The mail server gave no answer.", again=True)


def a_password(folder: Path, text: str = PASSWORD) -> str:
    path = folder / "password"
    path.write_text(text)
    path.chmod(0o600)
    return str(path)


@pytest.fixture
def with_tls(letters: Letters, certificate: Path, tmp_path: Path) -> Iterator[Site]:
    server = mail_server(letters, certificate, login=True)
    server.start()
    yield Site("127.0.0.1", server.port, "starttls", "bridge", a_password(tmp_path), "jobs@example.org", timeout_s=5)
    server.stop()


def test_a_login_is_encrypted(
    with_tls: Site, letters: Letters, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    assert courier.mail(with_tls, TO, TOLD, "x") == Outcome()
    assert letters.encrypted == [True]
    assert letters.logins == [("bridge", PASSWORD)]


def test_a_mail_server_that_nobody_vouches_for_gets_no_password(with_tls: Site, letters: Letters) -> None:
    outcome = courier.mail(with_tls, TO, TOLD, "x")
    assert "certificate is not trusted" in (outcome.problem or "")
    assert letters.logins == []


def test_a_wrong_password_is_refused_and_not_repeated(
    with_tls: Site, certificate: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    a_password(tmp_path, "another-secret")
    outcome = courier.mail(with_tls, TO, TOLD, "x")
    assert outcome == Outcome("The mail server refused the user name and password (535).")


def test_without_encryption_no_password_is_sent_and_none_is_promised(plain: Site, tmp_path: Path) -> None:
    site = replace(plain, smtp_user="bridge", smtp_password_file=a_password(tmp_path))
    assert "without encryption" in (courier.mail(site, TO, TOLD, "x").problem or "")
    # One that cannot do STARTTLS is not spoken to without it.
    assert "STARTTLS" in (courier.mail(replace(plain, smtp_security="starttls"), TO, TOLD, "x").problem or "")


@pytest.mark.parametrize(
    ("site", "mail_to", "words"),
    [
        (Site(), TO, "names no mail server"),
        (Site(smtp_host="mail"), TO, "names no sender"),
        (Site(smtp_host="mail", mail_from="me"), TO, "names no sender"),
        (Site(smtp_host="mail", mail_from="me@here"), None, "No mail address"),
    ],
)
def test_what_is_not_set_up_says_so(site: Site, mail_to: str | None, words: str) -> None:
    with pytest.raises(Unable, match=words):
        courier.check_mail(site, mail_to)
    assert words in (courier.mail(site, mail_to, TOLD, "x").problem or "")
