"""A disposable index over the records, for lists: filter, sort, page, and what changed since a revision.

It lies on local disk and is built anew when a server starts. Revisions begin at the milliseconds of that
moment, so that those of an earlier index are always older and are answered with `reset`.
Everything here blocks (for a few milliseconds); callers run it in a thread.
"""

from __future__ import annotations

import base64
import json
import sqlite3
import tempfile
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from . import clock, footprint
from .errors import Malformed
from .footprint import Footprint
from .states import JobState

_STATES = {
    "active": [s.value for s in JobState if s.active],
    "ended": [s.value for s in JobState if not s.active],
}
#: More changes than this are not worth sending one by one.
_MOST_CHANGES = 1000


@dataclass(frozen=True)
class Page:
    """Jobs as JSON texts, ready to be joined into an answer."""

    jobs: list[str]
    next_cursor: str | None
    revision: int
    reset: bool = False


class Index:
    """One server's index. All methods may be called from any thread."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="jupyterlab-compute-")
        self._lock = threading.Lock()
        self._db = sqlite3.connect(
            Path(self._folder.name) / "index.sqlite", check_same_thread=False, isolation_level=None
        )
        self._db.executescript(
            """
            PRAGMA journal_mode = MEMORY; PRAGMA synchronous = OFF;
            CREATE TABLE jobs (
              id TEXT PRIMARY KEY, revision INTEGER NOT NULL, created TEXT NOT NULL, name TEXT NOT NULL,
              state TEXT NOT NULL, profile TEXT NOT NULL, path TEXT NOT NULL, words TEXT NOT NULL, json TEXT NOT NULL,
              version INTEGER NOT NULL, schedule TEXT) WITHOUT ROWID;
            CREATE TABLE footprints (
              id TEXT PRIMARY KEY, name TEXT NOT NULL, path TEXT NOT NULL, run_folder TEXT NOT NULL,
              ended INTEGER NOT NULL, at TEXT NOT NULL, only_copy INTEGER NOT NULL) WITHOUT ROWID;
            CREATE INDEX by_revision ON jobs (revision); CREATE INDEX by_created ON jobs (created, id);
            CREATE INDEX by_state ON jobs (state); CREATE INDEX by_path ON jobs (path, created);
            CREATE INDEX by_schedule ON jobs (schedule, created) WHERE schedule IS NOT NULL;
            CREATE TABLE gone (id TEXT PRIMARY KEY, revision INTEGER NOT NULL, created TEXT NOT NULL);
            """
        )
        self._first = self._revision = int(time.time() * 1000)
        #: Counts and the revision that they belong to.
        self._counted: tuple[int, dict[str, int]] = (self._revision, {})

    def close(self) -> None:
        """Throw the index away."""
        with self._lock:
            self._db.close()
        self._folder.cleanup()

    @property
    def revision(self) -> int:
        """The newest revision."""
        return self._revision

    def put(self, jobs: Sequence[tuple[dict[str, Any], int]]) -> list[tuple[str, int, str]]:
        """Take down jobs (the contract's Job without `revision`, and the record's version).

        Returns id, new revision and state of those that changed. An older version than what is known, or a
        job that has gone meanwhile, changes nothing: threads may come in any order.
        """
        # The connection commits, or rolls back: one job that cannot be stored must not stop all others for good.
        with self._lock, self._db:
            self._db.execute("BEGIN")
            return [
                (job["id"], revision, job["state"]) for job, version in jobs if (revision := self._put(job, version))
            ]

    def _put(self, job: dict[str, Any], version: int) -> int | None:
        text = _storable(json.dumps(job, ensure_ascii=False, separators=(",", ":")))
        old = self._db.execute("SELECT json, revision, version FROM jobs WHERE id = ?", (job["id"],)).fetchone()
        if old is not None and (old[2] > version or old[0] == f'{{"revision":{old[1]},{text[1:]}'):
            return None
        if old is None:
            gone = self._db.execute("SELECT created FROM gone WHERE id = ?", (job["id"],)).fetchone()
            if gone is not None and gone[0] >= job["created_at"]:
                return None
            # Sent anew with the key of a job that was deleted.
            self._db.execute("DELETE FROM gone WHERE id = ?", (job["id"],))
        self._revision += 1
        path = _storable(job["source"]["path"])
        facts = (job["name"], path, job["profile"], job["profile_title"], job["native_id"], job["node"])
        words = _storable(" ".join(filter(None, facts)).casefold())
        self._db.execute(
            "INSERT OR REPLACE INTO jobs VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                job["id"],
                self._revision,
                job["created_at"],
                _storable(job["name"].casefold()),
                job["state"],
                job["profile"],
                path,
                words,
                f'{{"revision":{self._revision},{text[1:]}',
                version,
                job["schedule"],
            ),
        )
        self._db.execute(
            "INSERT OR REPLACE INTO footprints VALUES (?, ?, ?, ?, ?, ?, ?)",
            [_storable(fact) if isinstance(fact, str) else fact for fact in footprint.of(job)],
        )
        return self._revision

    def remove(self, job_id: str) -> int | None:
        """Forget a job; the revision of its going, or None if it was not there."""
        with self._lock:
            row = self._db.execute("SELECT created FROM jobs WHERE id = ?", (job_id,)).fetchone()
            if row is None:
                return None
            self._db.execute("DELETE FROM jobs WHERE id = ?", (job_id,))
            self._db.execute("DELETE FROM footprints WHERE id = ?", (job_id,))
            self._revision += 1
            self._db.execute("INSERT OR REPLACE INTO gone VALUES (?, ?, ?)", (job_id, self._revision, row[0]))
            return self._revision

    def get(self, job_id: str) -> str | None:
        """A job's JSON text."""
        with self._lock:
            row = self._db.execute("SELECT json FROM jobs WHERE id = ?", (job_id,)).fetchone()
        return None if row is None else str(row[0])

    def footprints(self) -> list[Footprint]:
        """What every job has on disk."""
        with self._lock:
            rows = self._db.execute("SELECT * FROM footprints").fetchall()
        return [
            Footprint(job_id, name, path, folder, bool(ended), at, bool(only))
            for job_id, name, path, folder, ended, at, only in rows
        ]

    def counts(self) -> dict[str, int]:
        """How many jobs there are of each state."""
        with self._lock:
            if self._counted[0] != self._revision:
                found = dict(self._db.execute("SELECT state, count(*) FROM jobs GROUP BY state"))
                self._counted = (self._revision, found)
            return self._counted[1]

    def unchanged(self, revision: int) -> dict[str, int] | None:
        """The counts if nothing changed after `revision` and they are known. Waits for nobody: not for a lock either.

        The question that every open page asks again and again.
        """
        at, counts = self._counted
        return counts if at == revision == self._revision else None

    def since(self, revision: int) -> Page:
        """What changed after `revision`, oldest change first; `reset` if that can't be said."""
        with self._lock:
            if revision == self._revision:
                return Page([], None, revision)
            if not self._first <= revision < self._revision:
                return Page([], None, self._revision, reset=True)
            rows = self._db.execute(
                "SELECT revision, json FROM jobs WHERE revision > ?1 UNION ALL"
                " SELECT revision, json_object('id', id, 'revision', revision, 'deleted', json('true'))"
                " FROM gone WHERE revision > ?1"
                " ORDER BY revision LIMIT ?2",
                (revision, _MOST_CHANGES + 1),
            ).fetchall()
            if len(rows) > _MOST_CHANGES:
                return Page([], None, self._revision, reset=True)
            return Page([text for _, text in rows], None, self._revision)

    def page(
        self,
        *,
        sort: str,
        limit: int,
        state: str | None = None,
        profile: str | None = None,
        path: str | None = None,
        schedule: str | None = None,
        q: str | None = None,
        cursor: str | None = None,
        created_after: str | None = None,
        created_before: str | None = None,
    ) -> Page:
        """One page. `cursor` is the last page's `next_cursor`; it goes on there even if jobs came meanwhile."""
        where, values = ["1"], list[Any]()
        if state:
            names = [name for word in state.split(",") for name in _STATES.get(word, [word])]
            where.append(f"state IN ({','.join('?' * len(names))})")
            values += names
        if profile:
            where.append("profile = ?")
            values.append(profile)
        if path:
            where.append("path = ?")
            values.append(path)
        if schedule:
            where.append("schedule = ?")
            values.append(schedule)
        if created_after:
            where.append("created >= ?")
            values.append(_comparable(created_after))
        if created_before:
            where.append("created < ?")
            values.append(_comparable(created_before))
        for word in (q or "").casefold().split():
            where.append("instr(words, ?)")
            values.append(word)
        # `sort` is one of the contract's few words, never a person's text.
        column, down = sort.lstrip("-"), sort.startswith("-")
        if cursor:
            after, after_id = _read_cursor(cursor)
            where.append(f"({column}, id) {'<' if down else '>'} (?, ?)")
            values += [after, after_id]
        order = "DESC" if down else "ASC"
        with self._lock:
            rows = self._db.execute(
                f"SELECT json, {column}, id FROM jobs WHERE {' AND '.join(where)}"  # noqa: S608 (words of ours)
                f" ORDER BY {column} {order}, id {order} LIMIT ?",
                (*values, limit + 1),
            ).fetchall()
            revision = self._revision
        more = len(rows) > limit
        rows = rows[:limit]
        return Page([row[0] for row in rows], _cursor(rows[-1][1], rows[-1][2]) if more else None, revision)


def _comparable(moment: str) -> str:
    """A time of the wire as `clock.now` writes it, so that texts compare as moments do."""
    try:
        return clock.at(clock.parse(moment))
    except ValueError:
        raise Malformed(f"“{moment[:40]}” is not a moment.", "Write it like 2026-11-21T09:40:00.000Z.") from None


def _storable(text: str) -> str:
    """`text` without halves of surrogate pairs, which file names and exceptions may hold and SQLite does not take."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _cursor(value: str, job_id: str) -> str:
    return base64.urlsafe_b64encode(json.dumps([value, job_id], ensure_ascii=False).encode()).decode()


def _read_cursor(text: str) -> tuple[str, str]:
    try:
        value, job_id = json.loads(base64.urlsafe_b64decode(text.encode()))
        return _storable(str(value)), _storable(str(job_id))
    except (ValueError, TypeError, RecursionError) as error:
        raise Malformed("This cursor is not one of ours.", "Use `next_cursor` of the page before.") from error
