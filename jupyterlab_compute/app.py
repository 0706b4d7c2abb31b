"""The server extension: configuration, and how the bridge is put together. Only this file knows the Jupyter server."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import nbformat
from jupyter_client.kernelspec import NoSuchKernel
from jupyter_core.paths import jupyter_config_dir, jupyter_data_dir
from jupyter_server.extension.application import ExtensionApp
from jupyter_server.utils import ensure_async
from nbformat.sign import NotebookNotary
from tornado.web import HTTPError
from traitlets import Bool, Dict, Float, Unicode, default

from . import contract, handlers, storage
from . import profiles as settings
from .catalog import Catalog
from .drivers.base import Driver, Means
from .drivers.installed import Installed
from .errors import Invalid, NoSuchScheduler
from .lease import Myself
from .ledger import Ledger
from .pace import Pace
from .prepare import Ground
from .records import Records
from .service import Service, Surroundings
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

    send_timeout_s = Float(60.0, help="A scheduler may take so long to accept a job, in seconds.").tag(config=True)

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
            pace=Pace(self.poll_floor_s, self.poll_idle_s),
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
    if named.get("type") != "local":
        return None
    # Drivers are imported when they are used.
    from .drivers.local import dies_with_server

    return dies_with_server()
