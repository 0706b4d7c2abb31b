"""Small JSON files in a folder, one for each thing that is kept.

Files are replaced atomically and changed only under a lock, so they survive NFS, `kill -9`, two servers and an
older version. Everything here blocks; callers run it in a thread.
"""

from __future__ import annotations

import fcntl
import json
import os
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar, Generic, Protocol, TypeVar

#: No write takes as long as that.
_LEFT_BEHIND_S = 3600.0
#: Changes when a file does: each write makes a new file, another inode even within one tick of the disk's clock.
Stamp = tuple[int, int, int]


class Kept(Protocol):
    """A dataclass that can be stored. Its version counts the changes."""

    __dataclass_fields__: ClassVar[dict[str, Any]]

    @property
    def id(self) -> str: ...

    @property
    def version(self) -> int: ...

    def to_json(self) -> dict[str, Any]: ...


T = TypeVar("T", bound=Kept)


class Store(Generic[T]):
    """One folder. It is made, mode 0700, when something is first written."""

    def __init__(
        self,
        root: Path,
        from_json: Callable[[dict[str, Any]], T],
        lock_name: Callable[[str], str] = lambda key: ".lock",
    ) -> None:
        """`from_json` raises `ValueError`, KeyError or TypeError for what is no such thing.

        `lock_name` tells the file that is locked while the thing of an id is changed, below `root`.
        """
        self.root = root
        self._from_json = from_json
        self._lock_name = lock_name

    def path(self, key: str) -> Path:
        """Where the file of that id lies or would lie."""
        return self.root / f"{key}.json"

    def locked(self, key: str) -> AbstractContextManager[None]:
        """Nobody else changes that thing meanwhile."""
        return locked(self.root / self._lock_name(key))

    def create(self, thing: T, first: Callable[[], None] = lambda: None) -> bool:
        """Write a new thing durably, after `first` has been done. False, and neither done, if there is one of that id.

        `first` happens under the same lock: of two requests with one key only one makes a run folder.
        """
        with self.locked(thing.id):
            path = self.path(thing.id)
            if path.exists():
                return False
            first()
            write_atomically(path, json.dumps(thing.to_json()), durable=True)
            return True

    def read(self, key: str) -> T | None:
        """The thing, or None where there is none. Raises what `from_json` does."""
        stored = self._stored(key)
        return None if stored is None else self._from_json(stored)

    def _stored(self, key: str) -> dict[str, Any] | None:
        try:
            stored = json.loads(self.path(key).read_bytes())
        except FileNotFoundError:
            return None
        if not isinstance(stored, dict):
            raise ValueError(f"{self.path(key)} is not what should be there")
        return stored

    def change(self, key: str, how: Callable[[T], T], *, durable: bool = False) -> T | None:
        """Replace the thing by `how(thing)` while nobody else can; the thing as it is afterwards.

        `how` returns its argument for "nothing to change". None: there is no such thing (any more).
        What `how` raises passes through and nothing is written.
        """
        with self.locked(key):
            stored = self._stored(key)
            if stored is None:
                return None
            before = self._from_json(stored)
            after = how(before)
            if after != before:
                after = replace(after, version=before.version + 1)
                # A newer version's fields stay in the file.
                write_atomically(self.path(key), json.dumps({**stored, **after.to_json()}), durable=durable)
                self._replaced(before, after)
            return after

    def remove(self, key: str, allowed: Callable[[T], None] = lambda thing: None) -> T | None:
        """Remove the thing if `allowed` does not raise; what was removed."""
        with self.locked(key):
            thing = self.read(key)
            if thing is not None:
                allowed(thing)
                self.path(key).unlink()
                self._replaced(thing, None)
            return thing

    def _replaced(self, before: T, after: T | None) -> None:
        """Called under the lock when the file says `after`, or is gone."""

    def stamps(self) -> dict[str, Stamp]:
        """A stamp for each id: to notice what other servers wrote. Raises FileNotFoundError where no folder is."""
        found: dict[str, Stamp] = {}
        with os.scandir(self.root) as entries:
            for entry in entries:
                if entry.name.endswith(".json") and not entry.name.startswith("."):
                    with suppress(FileNotFoundError):
                        status = entry.stat()
                        found[entry.name[:-5]] = (status.st_mtime_ns, status.st_ino, status.st_size)
        return found

    def sweep(self) -> None:
        """Remove what processes that were killed in the middle of a write left behind."""
        for path in self.root.glob(".*.json.*"):
            with suppress(OSError):
                if time.time() - path.stat().st_mtime > _LEFT_BEHIND_S:
                    path.unlink()


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold that file's lock, which goes with its holder. File and folder are made where they are missing."""
    try:
        descriptor = _lockable(path)
    except FileNotFoundError:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = _lockable(path)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _lockable(path: Path) -> int:
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)


def write_atomically(path: Path, text: str, *, durable: bool = False) -> None:
    """Replace `path` by `text`: a reader sees the old or the new, never half. `durable`: survives a power cut."""
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(6)}")
    try:
        with open(temporary, "x", encoding="utf-8", opener=_private) as file:
            file.write(text)
            if durable:
                file.flush()
                os.fsync(file.fileno())
        os.replace(temporary, path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    if durable:
        _sync_folder(path.parent)


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _sync_folder(folder: Path) -> None:
    """Without this a power cut may bring the file's former content back: a job would be sent a second time."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    except OSError:
        # Some network file systems cannot, and do not need to.
        pass
    finally:
        os.close(descriptor)
