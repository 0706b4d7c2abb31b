"""The server extension: configuration, and how the bridge is put together. Only this file knows the Jupyter server."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import nbformat
from jupyter_client.kernelspec import NoSuchKernel
from jupyter_core.paths import jupyter_config_dir, jupyter_data_dir
from jupyter_server.extension.application import ExtensionApp
from jupyter_server.utils import ensure_async, url_path_join
from nbformat.sign import NotebookNotary
from tornado.web import HTTPError
from traitlets import Bool, Dict, Enum, Float, Int, List, Unicode, default

from . import contract, handlers, notify, storage
from . import profiles as settings
from .catalog import Catalog
from .courier import Site
from .drivers.base import Driver, Means
from .drivers.installed import Installed
from .drivers.machine import dies_with_server
from .errors import Invalid, NoSuchScheduler
from .lease import Myself
from .ledger import Ledger
from .pace import Pace
from .records import Records
from .run_folders import Ground
from .service import Service
from .surroundings import Surroundings
from .transports.local import LocalTransport


class ComputeApp(ExtensionApp):
    """Runs cells and notebooks as jobs, here or on a cluster."""

    name = "jupyterlab_compute"
    load_other_extensions = True

    data_folder = Unicode(help="Where records and, unless a profile says otherwise, run folders live.").tag(config=True)
    lock_profiles = Bool(False, help="Only the site's profiles count; users cannot add their own.").tag(config=True)
    find_profiles = Bool(True, help="Offer this machine and each queue of a scheduler found on it as profiles.").tag(
        config=True
    )
    profiles = Dict(help="The site's profiles by name; these win over overrides.json.").tag(config=True)
    poll_floor_s = Float(5.0, help="A scheduler is asked at most this often while somebody looks, in seconds.").tag(
        config=True
    )
    poll_idle_s = Float(16.0, help="A scheduler is asked at most this often while nobody looks, in seconds.").tag(
        config=True
    )

    smtp_host = Unicode(help="The site's mail server, for messages about jobs. Empty: this server sends no mail.").tag(
        config=True
    )
    smtp_port = Int(0, help="Its port; 0: 587, 465 with tls, 25 with none.").tag(config=True)
    smtp_security = Enum(["starttls", "tls", "none"], "starttls", help="How the mail server is spoken to.").tag(
        config=True
    )
    smtp_user = Unicode(help="Who logs in to the mail server. Empty: nobody needs to.").tag(config=True)
    smtp_password_file = Unicode(help="A file with that user's password, of mode 0600.").tag(config=True)
    mail_from = Unicode(help="The address that messages about jobs come from.").tag(config=True)
    mail_by_scheduler = Bool(True, help="Let a scheduler that can send mail itself do so (Slurm: --mail-type).").tag(
        config=True
    )
    webhook_env = Unicode(
        help="The environment variable with the address of the webhook for those whose settings name no other."
    ).tag(config=True)
    webhook_http = Bool(False, help="Allow webhooks without encryption on other machines.").tag(config=True)
    notify_timeout_s = Float(10.0, help="A mail server or webhook may take so long for an answer, in seconds.").tag(
        config=True
    )
    notify_again_s = List(
        Float(),
        [5.0, 30.0, 120.0, 600.0],
        help="The pauses after which a message is tried again that certainly has not arrived, in seconds.",
    ).tag(config=True)
    public_url = Unicode(
        help="Where this server is reached from outside, e.g. https://hub.example.org; its base URL is added. "
        "Messages about jobs then say where to look."
    ).tag(config=True)

    send_timeout_s = Float(60.0, help="A scheduler may take so long to accept a job, in seconds.").tag(config=True)

    @default("public_url")
    def _default_public_url(self) -> str:
        # JupyterHub 5 and later says where its users' servers are; the path is our base URL.
        parts = urlsplit(os.environ.get("JUPYTERHUB_PUBLIC_URL", ""))
        return f"{parts.scheme}://{parts.netloc}" if parts.netloc else ""

    @property
    def _server(self) -> Any:
        return self.serverapp

    @default("data_folder")
    def _default_data_folder(self) -> str:
        return str(Path(jupyter_data_dir()) / "compute")

    def initialize_settings(self) -> None:
        """Register the event that tells pages of changes."""
        self._server.event_logger.register_event_schema(contract.event_schema())

    def initialize_handlers(self) -> None:
        """Routes are there at once; they answer when the service has started."""
        self.handlers.extend(handlers.routes(self._started))
        self._beginning: asyncio.Future[Service] | None = None
        self._stopped = False
        self._server.io_loop.add_callback(self._started)

    async def _begin(self) -> Service:
        loop = asyncio.get_running_loop()

        def tell(job_id: str, revision: int, state: str) -> None:
            data = {"id": job_id, "revision": revision, "state": state}
            loop.call_soon_threadsafe(
                lambda: self._server.event_logger.emit(schema_id=contract.EVENT_SCHEMA_ID, data=data)
            )

        data_folder = Path(os.path.expanduser(self.data_folder))  # noqa: ASYNC240
        ledger = Ledger(await asyncio.to_thread(Records, data_folder / "jobs"), self.log, tell)
        self._drivers = await asyncio.to_thread(Installed.here)
        catalog = Catalog(ledger, self._read_profiles, self._driver, self.log)
        root = getattr(self._server.contents_manager, "root_dir", None)
        around = Surroundings(
            ground=Ground(Path(root) if root else None, data_folder / "runs"),
            read_notebook=self._read_notebook,
            kernel=self._kernel,
            sign=self._sign,
            ends_with_server=_ends_with_server,
            leases=data_folder / "leases",
            schedules=data_folder / "schedules",
            pace=Pace(self.poll_floor_s, self.poll_idle_s),
            messages=self._messages(),
            wishes=lambda: notify.wishes(settings.merged(self._sources(), "jupyterlab-compute:notifications")),
            link=self._link,
            keep=lambda: storage.keep(settings.merged(self._sources(), "jupyterlab-compute:jobs")),
            locked=self.lock_profiles,
        )
        service = Service(ledger, catalog, around, Myself(), self.log)
        if self.find_profiles:
            self._discover(catalog, "local")
            if await LocalTransport().which("sbatch"):
                self._discover(catalog, "slurm")
        await service.start()
        return service

    def _discover(self, catalog: Catalog, kind: str) -> None:
        try:
            catalog.discover({"type": kind})
        except NoSuchScheduler as error:
            # Somebody else's package may have taken the name; what is configured goes on.
            self.log.warning("compute: %s %s", error.message, error.hint)

    async def stop_extension(self) -> None:
        """Let go; jobs go on."""
        self._stopped = True
        if self._beginning is not None:
            await (await self._beginning).stop()

    async def _started(self) -> Service:
        if self._stopped:
            raise HTTPError(503, "The server is stopping.")
        failed = self._beginning is not None and self._beginning.done() and self._beginning.exception() is not None
        if self._beginning is None or failed:
            # A data folder that could not be written a moment ago may be writable now.
            self._beginning = asyncio.ensure_future(self._begin())
        return await asyncio.shield(self._beginning)

    # What the service uses of the server

    def _messages(self) -> Site:
        return Site(
            smtp_host=self.smtp_host,
            smtp_port=self.smtp_port,
            smtp_security=self.smtp_security,
            smtp_user=self.smtp_user,
            smtp_password_file=self.smtp_password_file,
            mail_from=self.mail_from,
            mail_by_scheduler=self.mail_by_scheduler,
            webhook_env=self.webhook_env,
            webhook_http=self.webhook_http,
            timeout_s=self.notify_timeout_s,
            again_s=tuple(self.notify_again_s),
        )

    def _link(self, job_id: str | None) -> str | None:
        if not self.public_url:
            return None
        page = url_path_join(self.public_url, self._server.base_url, "lab")
        return page if job_id is None else f"{page}?compute-job={job_id}"

    def _driver(self, named: Mapping[str, str]) -> Driver:
        if named.get("host"):
            raise NoSuchScheduler(
                "Schedulers on another host cannot be reached yet by this version.", "Run JupyterLab there."
            )
        return self._drivers.make(named, Means(LocalTransport(), self.send_timeout_s))

    def _read_profiles(self) -> settings.Read:
        found = settings.read(self._sources())
        for profile in found.profiles:
            # Here, in a thread, because importing somebody else's package may take seconds.
            with contextlib.suppress(NoSuchScheduler):
                self._drivers.load(profile.scheduler["type"])
        return found

    def _sources(self) -> settings.Sources:
        lab = next(
            (
                app
                for apps in self._server.extension_manager.extension_apps.values()
                for app in apps
                if hasattr(app, "app_settings_dir") and hasattr(app, "user_settings_dir")
            ),
            None,
        )
        return settings.Sources(
            app_settings=Path(lab.app_settings_dir) if lab is not None and lab.app_settings_dir else None,
            user_settings=Path(
                lab.user_settings_dir if lab is not None else Path(jupyter_config_dir()) / "lab" / "user-settings"
            ),
            configured=self.profiles,
            locked=self.lock_profiles,
        )

    async def _read_notebook(self, path: str) -> Any:
        try:
            model = await ensure_async(self._server.contents_manager.get(path, type="notebook", content=True))
        except HTTPError as error:
            raise Invalid(
                f"The notebook {path[:200]} cannot be read: {error.log_message or error.reason}",
                "Open it in JupyterLab, or choose another.",
                pointer="/source/path",
            ) from error
        return model["content"]

    def _sign(self, notebook: Path) -> None:
        contents = self._server.contents_manager
        try:
            # One of our own each time: its database may be used by the thread that opened it only.
            notary = NotebookNotary(parent=contents)  # type: ignore[no-untyped-call]
            try:
                notary.sign(nbformat.read(notebook, as_version=4))  # type: ignore[no-untyped-call]
            finally:
                notary.store.close()
        except Exception as error:  # noqa: BLE001
            # An executed copy that is not trusted is better than none.
            self.log.warning("compute: %s could not be signed and opens untrusted: %s", notebook, error)

    async def _kernel(self, name: str) -> tuple[str, dict[str, Any]]:
        manager = self._server.kernel_spec_manager
        try:
            spec = await asyncio.to_thread(manager.get_kernel_spec, name)
        except NoSuchKernel:
            installed = await asyncio.to_thread(manager.find_kernel_specs)
            raise Invalid(
                f"There is no kernel “{name[:100]}” here.",
                f"Choose another one for the notebook: {', '.join(sorted(installed)) or 'none is installed'}.",
                pointer="/kernel",
            ) from None
        return name, spec.to_dict()


def _ends_with_server(named: Mapping[str, str]) -> str | None:
    return dies_with_server() if named.get("type") == "local" else None
