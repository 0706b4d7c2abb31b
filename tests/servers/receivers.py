"""Where messages go in the tests: a webhook and a mail server of our own, real ones, that do what a test tells them."""

from __future__ import annotations

import json
import ssl
import subprocess
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any, final

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

SECRET = "T0000SECRET/B0000/xoxo-the-address-is-a-secret"
PASSWORD = "the-mail-password-is-a-secret"


@final
class Webhook:
    """A receiver of webhooks. `answers` are given in turn, the last one for ever; None: it hangs until `let_go`."""

    def __init__(self, *answers: int | None) -> None:
        self.answers: list[int | None] = list(answers) or [200]
        self.came: list[dict[str, Any]] = []
        #: What else was asked for, e.g. where a redirect leads.
        self.elsewhere: list[str] = []
        self._lock = threading.Lock()
        self._over = threading.Event()
        hook = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                if self.path != f"/services/{SECRET}":
                    hook.elsewhere.append(self.path)
                answer = hook._take(json.loads(body))
                if answer is None:
                    hook._over.wait(60)
                    return
                self.send_response(answer)
                if 300 <= answer < 400:
                    self.send_header("Location", f"{hook.root}/elsewhere")
                # Some receivers repeat in their answers what was asked for.
                said = f"Cannot POST {self.path}".encode()
                self.send_header("Content-Length", str(len(said)))
                self.end_headers()
                self.wfile.write(said)

            def do_GET(self) -> None:
                hook.elsewhere.append(self.path)
                self.send_response(200)
                self.end_headers()

            def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002 (the base class's name)
                """Nobody reads it."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)

    def _take(self, body: dict[str, Any]) -> int | None:
        with self._lock:
            self.came.append(body)
            return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]

    @property
    def root(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    @property
    def address(self) -> str:
        """What must stay a secret."""
        return f"{self.root}/services/{SECRET}"

    @property
    def texts(self) -> list[str]:
        """What came, in order."""
        return [body["text"] for body in self.came]

    def in_file(self, path: Path, mode: int = 0o600) -> str:
        """Write the address to a file, as a person does; its name."""
        path.write_text(self.address + "\n")
        path.chmod(mode)
        return str(path)

    def let_go(self) -> None:
        """Who hangs is left without an answer."""
        self._over.set()

    def __enter__(self) -> Webhook:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self._over.set()
        self._server.shutdown()
        self._thread.join(10)
        self._server.server_close()


@dataclass
class Letters:
    """What a mail server took, and what it says to the next ones."""

    #: Answers to RCPT and DATA, in turn; the last one for ever.
    to_rcpt: list[str] = field(default_factory=lambda: ["250 OK"])
    to_data: list[str] = field(default_factory=lambda: ["250 OK"])
    came: list[Envelope] = field(default_factory=list)
    logins: list[tuple[str, str]] = field(default_factory=list)
    encrypted: list[bool] = field(default_factory=list)
    #: Called with the connection when a message has come, before it is answered.
    on_data: Callable[[SMTP], None] = lambda server: None

    async def handle_RCPT(  # noqa: N802 (aiosmtpd's name)
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        answer = _next(self.to_rcpt)
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        self.on_data(server)
        answer = _next(self.to_data)
        if answer.startswith("250"):
            self.came.append(envelope)
            self.encrypted.append(session.ssl is not None)
        return answer

    def may_enter(self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, given: Any) -> AuthResult:
        assert isinstance(given, LoginPassword)
        self.logins.append((given.login.decode(), given.password.decode()))
        return AuthResult(success=given.password.decode() == PASSWORD, handled=False)


def _next(answers: list[str]) -> str:
    return answers.pop(0) if len(answers) > 1 else answers[0]


class _Anywhere(Controller):
    """On a port that the system chooses."""

    def __init__(self, letters: Letters, **more: Any) -> None:
        super().__init__(letters, hostname="127.0.0.1", port=0, **more)

    def _trigger_server(self) -> None:
        # The base class looks at the port that was asked for.
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


def mail_server(letters: Letters, certificate: Path | None = None, *, login: bool = False) -> _Anywhere:
    """A mail server, to be started and stopped; with a certificate it offers STARTTLS, and no login without it."""
    more: dict[str, Any] = {}
    if certificate is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        more = {"tls_context": context}
    if login:
        more |= {"authenticator": letters.may_enter, "auth_required": True}
    return _Anywhere(letters, **more)


def a_certificate(folder: Path) -> Path:
    """A certificate with its key for 127.0.0.1, which signs itself; trusted where SSL_CERT_FILE names it."""
    path = folder / "certificate.pem"
    subprocess.run(
        [
            "openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1",
            "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(path), "-out", str(folder / "only.pem"),
        ],
        check=True, capture_output=True,
    )  # fmt: skip
    with path.open("a") as file:
        file.write((folder / "only.pem").read_text())
    return path
