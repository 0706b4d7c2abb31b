"""Brings a message to a mail server or a webhook. Everything here blocks, for a few of its timeouts at most.

Nothing raises and nothing is logged: an `Outcome` says how it went, in a sentence without the webhook's address and
without what a receiver answered in its own words, which may repeat the address.
"""

from __future__ import annotations

import contextlib
import ipaddress
import json
import os
import smtplib
import socket
import ssl
import stat
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import formatdate
from http import HTTPStatus
from http.client import HTTPException
from pathlib import Path
from urllib.parse import urlsplit

from .notify import Message, Outcome, for_chat, is_address

_MOST_SECRET_BYTES = 4096
_PORTS = {"none": 25, "starttls": 587, "tls": 465}


class Unable(Exception):
    """It cannot be sent as things are configured; the sentence says why, and holds no secret."""


@dataclass(frozen=True)
class Site:
    """What the site's configuration says. The secrets stand in files and in the environment, not here."""

    smtp_host: str = ""
    #: 0: the usual one.
    smtp_port: int = 0
    #: none, starttls or tls.
    smtp_security: str = "starttls"
    smtp_user: str = ""
    smtp_password_file: str = ""
    mail_from: str = ""
    #: Whether schedulers that can send mail themselves are asked to.
    mail_by_scheduler: bool = True
    #: The environment variable with the address of a webhook for those who name none.
    webhook_env: str = ""
    #: Whether a webhook may be reached without encryption on other machines too.
    webhook_http: bool = False
    #: For each answer that is waited for.
    timeout_s: float = 10.0
    #: The pauses before a message that is sure not to have arrived is tried again.
    again_s: tuple[float, ...] = (5.0, 30.0, 120.0, 600.0)


def secret(path: Path) -> str:
    """The first line of a file that only its owner may read. Raises `Unable`."""
    try:
        # Not to be kept waiting by a pipe; what was checked is what is read.
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
        try:
            mode = os.fstat(descriptor).st_mode
            if not stat.S_ISREG(mode):
                raise Unable(f"{path} is not a file.")
            if mode & 0o077:
                raise Unable(f"Others may read {path}, which holds a secret. Say: chmod 600 {path}")
            text = os.read(descriptor, _MOST_SECRET_BYTES).decode()
        finally:
            os.close(descriptor)
    except OSError as error:
        raise Unable(f"{path} cannot be read: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise Unable(f"{path} is not a text.") from None
    if not (line := text.partition("\n")[0].strip()):
        raise Unable(f"{path} is empty.")
    return line


# Webhooks


def webhook_address(site: Site, file: str | None, environment: Mapping[str, str] = os.environ) -> str:
    """The address of the webhook: from the person's file, or from the site's variable. Raises `Unable`."""
    if file:
        address = secret(Path(file).expanduser())
    elif site.webhook_env and (address := environment.get(site.webhook_env, "").strip()):
        pass
    else:
        raise Unable("No webhook is set up: name a file with its address in the settings.")
    try:
        parts = urlsplit(address)
        host, _ = parts.hostname, parts.port
    except ValueError:
        host = None
    if not host or parts.scheme not in {"http", "https"} or parts.username or not _is_plain(address):
        raise Unable("What is given as the webhook's address is not one.")
    if parts.scheme == "http" and not (site.webhook_http or _is_here(host)):
        raise Unable("The webhook's address has no encryption (http); it needs https.")
    return address


def _is_plain(address: str) -> bool:
    return address.isascii() and address.isprintable() and " " not in address


def _is_here(host: str) -> bool:
    with contextlib.suppress(ValueError):
        return ipaddress.ip_address(host).is_loopback
    return host == "localhost"


class _Stay(urllib.request.HTTPRedirectHandler):
    """A redirect would carry the message to somebody whom nobody named."""

    def redirect_request(self, *_: object) -> None:
        return None


def post(address: str, message: Message, timeout_s: float) -> Outcome:
    """Give the message to a webhook that understands Slack's `{"text": …}`."""
    request = urllib.request.Request(  # noqa: S310 (the scheme was checked)
        address,
        json.dumps({"text": for_chat(message.text)}).encode(),
        # Some receivers turn Python's own name away.
        {"Content-Type": "application/json", "User-Agent": "jupyterlab-compute"},
        method="POST",
    )
    here = _is_here(urlsplit(address).hostname or "")
    proxies = urllib.request.ProxyHandler({} if here else None)
    opener = urllib.request.build_opener(_Stay, proxies)
    try:
        with opener.open(request, timeout=timeout_s):
            return Outcome()
    except urllib.error.HTTPError as error:
        error.close()
        return _answered(error.code)
    except urllib.error.URLError as error:
        # Not a word of it was taken: raised before the request was out.
        return _unreachable("The webhook", error.reason)
    except (OSError, HTTPException) as error:
        # The request was out: whether it was taken nobody knows, so it is not sent again.
        how = f"did not answer within {timeout_s:g} s" if isinstance(error, TimeoutError) else "gave no answer"
        return Outcome(f"The webhook {how}; the message may have arrived.")
    except ValueError:
        return Outcome("The webhook's address cannot be used.")


def _answered(code: int) -> Outcome:
    if 300 <= code < 400:
        return Outcome("The webhook sends one on to another address, which is not followed.")
    words = f" ({HTTPStatus(code).phrase})" if code in HTTPStatus.__members__.values() else ""
    return Outcome(f"The webhook answered {code}{words}.", again=code == HTTPStatus.TOO_MANY_REQUESTS or code >= 500)


def _unreachable(who: str, error: object) -> Outcome:
    if isinstance(error, ssl.SSLCertVerificationError):
        return Outcome(f"{who} cannot prove who it is: its certificate is not trusted here.")
    if isinstance(error, ssl.SSLError):
        return Outcome(f"{who} does not speak TLS as it should.")
    if isinstance(error, socket.gaierror):
        return Outcome(f"{who} cannot be found: no such host is known.", again=True)
    if isinstance(error, TimeoutError):
        return Outcome(f"{who} cannot be reached: no answer.", again=True)
    words = f": {error.strerror}" if isinstance(error, OSError) and error.strerror else ""
    return Outcome(f"{who} cannot be reached{words}.", again=True)


# Mail


def check_mail(site: Site, mail_to: str | None) -> None:
    """Raise `Unable` unless this server can send a mail there."""
    if not mail_to:
        raise Unable("No mail address is given in the settings.")
    if not site.smtp_host:
        raise Unable("This server sends no mail: its configuration names no mail server.")
    if not is_address(site.mail_from):
        raise Unable("This server sends no mail: its configuration names no sender.")
    if site.smtp_user and site.smtp_security == "none":
        raise Unable("This server sends no mail: its password would go over the network without encryption.")


class _Refused(Exception):
    """The mail server said no; `code` is its own."""

    def __init__(self, code: int, what: str) -> None:
        super().__init__(what)
        self.code = code
        self.what = what


def mail(site: Site, mail_to: str | None, message: Message, message_id: str) -> Outcome:
    """Give the message to the site's mail server. `message_id`: the same for the same message."""
    try:
        check_mail(site, mail_to)
        password = secret(Path(site.smtp_password_file)) if site.smtp_user else ""
    except Unable as error:
        return Outcome(str(error))
    letter = _letter(site, str(mail_to), message, message_id)
    given = False
    try:
        smtp = _connected(site)
        try:
            if site.smtp_user:
                smtp.login(site.smtp_user, password)
            smtp.ehlo_or_helo_if_needed()
            _agreed(smtp.mail(site.mail_from), "the sender")
            _agreed(smtp.rcpt(str(mail_to)), "the address")
            given = True
            _agreed(smtp.data(letter), "the message")
        finally:
            # What it thinks of our leaving does not matter any more.
            with contextlib.suppress(OSError, smtplib.SMTPException):
                smtp.quit()
    except _Refused as error:
        return Outcome(f"The mail server refused {error.what} ({error.code}).", again=400 <= error.code < 500)
    except smtplib.SMTPResponseException as error:
        what = "the user name and password" if isinstance(error, smtplib.SMTPAuthenticationError) else "us"
        return Outcome(f"The mail server refused {what} ({error.smtp_code}).", again=400 <= error.smtp_code < 500)
    except smtplib.SMTPServerDisconnected:
        # Also when it said nothing for too long.
        return _left(given)
    except smtplib.SMTPException:
        return Outcome("The mail server cannot do what the configuration asks for (STARTTLS, or a login).")
    except (OSError, ValueError) as error:
        return _left(given) if given else _unreachable("The mail server", error)
    return Outcome()


def _left(given: bool) -> Outcome:
    # What it has in its hands it may have taken: that is not sent again.
    if given:
        return Outcome("The mail server gave no answer; the message may have been sent.")
    return Outcome("The mail server gave no answer.", again=True)


def _connected(site: Site) -> smtplib.SMTP:
    port = site.smtp_port or _PORTS[site.smtp_security]
    if site.smtp_security == "tls":
        return smtplib.SMTP_SSL(site.smtp_host, port, timeout=site.timeout_s, context=ssl.create_default_context())
    smtp = smtplib.SMTP(site.smtp_host, port, timeout=site.timeout_s)
    if site.smtp_security == "starttls":
        try:
            smtp.starttls(context=ssl.create_default_context())
        except BaseException:
            smtp.close()
            raise
    return smtp


def _agreed(answer: tuple[int, bytes], what: str) -> None:
    code = answer[0]
    if not 200 <= code < 300:
        # -1: the connection was gone.
        raise smtplib.SMTPServerDisconnected if code < 0 else _Refused(code, what)


def _letter(site: Site, mail_to: str, message: Message, message_id: str) -> bytes:
    letter = EmailMessage(policy=SMTP)
    letter["From"] = site.mail_from
    letter["To"] = mail_to
    letter["Subject"] = message.subject
    letter["Date"] = formatdate()
    letter["Message-ID"] = f"<{message_id}@{site.mail_from.partition('@')[2]}>"
    # Nobody's holiday notice should answer.
    letter["Auto-Submitted"] = "auto-generated"
    letter.set_content(message.text + "\n", cte="quoted-printable")
    return letter.as_bytes()
