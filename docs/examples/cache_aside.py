# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Query results of a database, kept in a cache of Valkey or Redis OSS: docs/cache_aside.md says how and why.

Run it to see it at work on SQLite and a cache in memory. With CACHE_HOST in the environment (and CACHE_USER and
CACHE_PASSWORD, if it has users) it uses that cache, over TLS; this needs the package valkey.
"""

from __future__ import annotations

import base64
import contextlib
import datetime
import decimal
import hashlib
import json
import logging
import os
import random
import secrets
import sqlite3
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Protocol

log = logging.getLogger(__name__)

Rows = list[tuple[Any, ...]]


class Cache(Protocol):
    """What is asked of a cache; the clients of the packages valkey and redis have it. Each call is about one key."""

    def get(self, name: str) -> bytes | None: ...
    def set(self, name: str, value: bytes | str, ex: int | None = None, nx: bool = False) -> Any: ...
    def delete(self, name: str) -> Any: ...
    def sadd(self, name: str, value: str) -> Any: ...
    def smembers(self, name: str) -> Iterable[bytes]: ...
    def expire(self, name: str, seconds: int, /) -> Any: ...


class CachedQueries:
    """Answers queries from the cache, and asks the database only for what is not there.

    connect: gives a DB-API connection to the reader endpoint. prefix: what all keys begin with.
    ttl: the seconds after which a result is asked for anew, give or take a tenth.
    settle: the seconds after a change in which nothing that it touches is kept: longer than the readers lag behind the
    writer, and longer than the slowest query takes. patience: how long to wait for another one's answer to the same
    query. rest: how long to leave a cache alone that does not answer.
    """

    def __init__(
        self,
        cache: Cache,
        connect: Callable[[], Any],
        prefix: str = "queries",
        ttl: int = 300,
        settle: int = 10,
        patience: float = 2.0,
        rest: float = 5.0,
    ):
        self._cache = cache
        self._connect = connect
        self._prefix = prefix
        self._ttl = ttl
        self._settle = settle
        self._patience = patience
        self._rest = rest
        self._resting_until = 0.0
        self._owed: set[str] = set()

    def query(self, sql: str, arguments: Sequence[Any] = (), tags: Iterable[str] = ()) -> Rows:
        """The rows of a query. The tags name what it reads, such as "products" or "product:17"."""
        tags = tuple(tags)
        key = self._key(sql, arguments)
        deadline = time.monotonic() + self._patience
        while self._is_up() and not self._changing(tags):
            known = self._try(lambda: self._cache.get(key))
            if known is not None:
                return decode(known)
            with self._flight(key) as first:
                # The one before may have kept its answer since it was looked for.
                known = self._try(lambda: self._cache.get(key)) if first else None
                if known is not None:
                    return decode(known)
                if first:
                    rows = self._ask(sql, arguments)
                    self._keep(key, rows, tags)
                    return rows
            if time.monotonic() >= deadline:
                break
            time.sleep(0.02)
        return self._ask(sql, arguments)

    def invalidate(self, *tags: str) -> None:
        """Forget every result with one of the tags. Call it when the change has been committed, not before."""
        for tag in tags:
            if not self._is_up() or not self._try(lambda tag=tag: self._forget(tag), False):
                # Done once the cache is back. Until then, other processes may still see what is old.
                self._owed.add(tag)

    def _key(self, sql: str, arguments: Sequence[Any]) -> str:
        asked = encode([(sql, *arguments)])
        return f"{self._prefix}:result:{hashlib.sha256(asked).hexdigest()}"

    def _ask(self, sql: str, arguments: Sequence[Any]) -> Rows:
        with contextlib.closing(self._connect()) as connection, contextlib.closing(connection.cursor()) as cursor:
            cursor.execute(sql, tuple(arguments))
            return [tuple(row) for row in cursor.fetchall()]

    def _keep(self, key: str, rows: Rows, tags: tuple[str, ...]) -> None:
        def keep() -> None:
            # The tags come first: a result that is there can always be found and deleted.
            for tag in tags:
                self._cache.sadd(f"{self._prefix}:tag:{tag}", key)
                self._cache.expire(f"{self._prefix}:tag:{tag}", 2 * self._ttl)
            self._cache.set(key, encode(rows), ex=max(1, round(self._ttl * random.uniform(0.9, 1.1))))

        self._try(keep)
        # Something changed while the database was asked, and whoever changed it may have looked for this key in vain.
        if self._changing(tags):
            self._try(lambda: self._cache.delete(key))

    def _forget(self, tag: str) -> bool:
        # From here on nobody keeps what may be old; only then is deleted what is there.
        self._cache.set(f"{self._prefix}:changing:{tag}", "1", ex=self._settle)
        for key in self._cache.smembers(f"{self._prefix}:tag:{tag}"):
            self._cache.delete(key.decode() if isinstance(key, bytes) else key)
        self._cache.delete(f"{self._prefix}:tag:{tag}")
        return True

    def _changing(self, tags: tuple[str, ...]) -> bool:
        """Whether something of these tags has just changed, or may have as far as the cache can tell."""
        return any(self._try(lambda tag=tag: self._cache.get(f"{self._prefix}:changing:{tag}"), True) for tag in tags)

    @contextlib.contextmanager
    def _flight(self, key: str) -> Iterator[bool]:
        """Whether this one asks the database; all others wait for its answer."""
        token = secrets.token_hex(8)
        lock = f"{key}:flight"
        # Whoever asks may die: the next one tries after a while. Without a cache, everybody asks.
        first = bool(self._try(lambda: self._cache.set(lock, token, ex=max(1, self._settle), nx=True), True))
        try:
            yield first
        finally:
            if first and self._try(lambda: self._cache.get(lock)) in (token, token.encode()):
                self._try(lambda: self._cache.delete(lock))

    def _is_up(self) -> bool:
        """Whether the cache is to be asked; what it could not be told before is told first."""
        if time.monotonic() < self._resting_until:
            return False
        for tag in tuple(self._owed):
            if not self._try(lambda tag=tag: self._forget(tag), False):
                return False
            self._owed.discard(tag)
        return True

    def _try(self, call: Callable[[], Any], otherwise: Any = None) -> Any:
        """What the cache answers. A cache that fails is left alone for a while, so that nobody waits for it."""
        if time.monotonic() < self._resting_until:
            return otherwise
        try:
            return call()
        except (
            Exception
        ) as error:  # every client has errors of its own, and none may keep the application from its data
            log.warning("The cache fails, and is left alone for %s s: %s", self._rest, error)
            self._resting_until = time.monotonic() + self._rest
            return otherwise


# JSON, not pickle: who can write to the cache must not be able to run code here.
_TYPES: dict[str, tuple[type, Callable[[Any], str], Callable[[str], Any]]] = {
    "$decimal": (decimal.Decimal, str, decimal.Decimal),
    "$datetime": (datetime.datetime, datetime.datetime.isoformat, datetime.datetime.fromisoformat),
    "$date": (datetime.date, datetime.date.isoformat, datetime.date.fromisoformat),
    "$bytes": (bytes, lambda value: base64.b64encode(value).decode(), base64.b64decode),
}


def encode(rows: Iterable[Sequence[Any]]) -> bytes:
    def other(value: Any) -> dict[str, str]:
        for name, (kind, write, _read) in _TYPES.items():
            if isinstance(value, kind):
                return {name: write(value)}
        raise TypeError(f"A {type(value).__name__} cannot be kept. Let the query answer a text instead.")

    return json.dumps([list(row) for row in rows], default=other).encode()


def decode(text: bytes | str) -> Rows:
    def typed(value: dict[str, Any]) -> Any:
        ((name, written),) = value.items()
        return _TYPES[name][2](written)

    return [tuple(row) for row in json.loads(text, object_hook=typed)]


class MemoryCache:
    """A cache in memory, for trying out and for tests."""

    def __init__(self) -> None:
        self._values: dict[str, tuple[Any, float]] = {}
        self._lock = threading.RLock()

    def get(self, name: str) -> Any:
        with self._lock:
            value, ends = self._values.get(name, (None, 0.0))
            return value if time.monotonic() < ends else None

    def set(self, name: str, value: bytes | str, ex: int | None = None, nx: bool = False) -> bool | None:
        with self._lock:
            if nx and self.get(name) is not None:
                return None
            ends = time.monotonic() + ex if ex else float("inf")
            self._values[name] = (value.encode() if isinstance(value, str) else value, ends)
            return True

    def delete(self, name: str) -> int:
        with self._lock:
            return int(self._values.pop(name, None) is not None)

    def sadd(self, name: str, value: str) -> int:
        with self._lock:
            members = self.smembers(name)
            self._values[name] = (members | {value.encode()}, self._values.get(name, (None, float("inf")))[1])
            return int(value.encode() not in members)

    def smembers(self, name: str) -> set[bytes]:
        return set(self.get(name) or ())

    def expire(self, name: str, seconds: int, /) -> bool:
        with self._lock:
            value = self.get(name)
            if value is not None:
                self._values[name] = (value, time.monotonic() + seconds)
            return value is not None


def cache_over_tls(host: str) -> Any:
    import valkey

    # Short timeouts: a cache that is slower than the database is of no use.
    return valkey.Valkey(
        host=host,
        port=int(os.environ.get("CACHE_PORT", "6379")),
        username=os.environ.get("CACHE_USER"),
        password=os.environ.get("CACHE_PASSWORD"),
        ssl=True,
        ssl_check_hostname=True,
        socket_connect_timeout=0.5,
        socket_timeout=0.5,
    )


def main() -> None:
    host = os.environ.get("CACHE_HOST")
    cache = cache_over_tls(host) if host else MemoryCache()
    place = "file:shop?mode=memory&cache=shared"
    writer = sqlite3.connect(place, uri=True)
    writer.execute("CREATE TABLE products (id INTEGER, name TEXT, price INTEGER)")
    writer.execute("INSERT INTO products VALUES (17, 'tea', 400)")
    writer.commit()
    asked = []

    def connect() -> sqlite3.Connection:
        asked.append(1)
        return sqlite3.connect(place, uri=True)

    queries = CachedQueries(cache, connect, prefix="shop", settle=1)

    def price() -> Any:
        rows = queries.query("SELECT price FROM products WHERE id = ?", [17], tags=["product:17"])
        return f"{rows[0][0]} yen, the database has been asked {len(asked)} times"

    print("First:        ", price())
    print("Again:        ", price())
    writer.execute("UPDATE products SET price = 450 WHERE id = 17")
    writer.commit()
    queries.invalidate("product:17")
    print("Changed:      ", price())
    time.sleep(1.1)
    print("Settled:      ", price())
    print("Again:        ", price())


if __name__ == "__main__":
    main()
