# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The example of docs/cache_aside.md, with a database and a cache in memory."""

from __future__ import annotations

import datetime
import decimal
import importlib.util
import sqlite3
import sys
import threading
import time
from pathlib import Path

import pytest

EXAMPLE = Path(__file__).parents[3] / "docs" / "examples" / "cache_aside.py"
PRICE = "SELECT price FROM products WHERE id = ?"


@pytest.fixture(scope="module")
def example():
    spec = importlib.util.spec_from_file_location("cache_aside", EXAMPLE)
    module = importlib.util.module_from_spec(spec)
    # Its annotations are looked up there.
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    yield module
    del sys.modules[spec.name]


class Database:
    """A table of products, and how often it has been asked."""

    def __init__(self, path):
        self.path = path
        self.asked = 0
        self.before_answer = lambda: None
        self.write("CREATE TABLE products (id INTEGER, price INTEGER)")
        self.write("INSERT INTO products VALUES (17, 400), (18, 500)")

    def write(self, sql):
        connection = sqlite3.connect(self.path)
        connection.execute(sql)
        connection.commit()
        connection.close()

    def connect(self):
        self.asked += 1
        return Connection(self)


class Connection:
    def __init__(self, database):
        self.database = database
        self.connection = sqlite3.connect(database.path)

    def cursor(self):
        return Cursor(self.database, self.connection.cursor())

    def close(self):
        self.connection.close()


class Cursor:
    """Reads at once, and answers later."""

    def __init__(self, database, cursor):
        self.database = database
        self.cursor = cursor

    def execute(self, sql, arguments):
        self.rows = self.cursor.execute(sql, arguments).fetchall()
        self.database.before_answer()

    def fetchall(self):
        return self.rows

    def close(self):
        self.cursor.close()


class FailingCache:
    """A cache that can be down; it counts how often it is asked."""

    def __init__(self, cache):
        self.cache = cache
        self.down = False
        self.calls = 0

    def __getattr__(self, name):
        def call(*args, **kwargs):
            self.calls += 1
            if self.down:
                raise ConnectionError("Connection refused")
            return getattr(self.cache, name)(*args, **kwargs)

        return call


@pytest.fixture
def database(tmp_path):
    return Database(tmp_path / "shop.db")


@pytest.fixture
def cache(example):
    return FailingCache(example.MemoryCache())


@pytest.fixture
def queries(example, cache, database):
    return example.CachedQueries(cache, database.connect, settle=1, rest=0.1)


@pytest.fixture
def moment(example, monkeypatch):
    """Lets time pass without waiting for it."""
    passed = [0.0]
    monkeypatch.setattr(example.time, "monotonic", lambda now=time.monotonic: now() + passed[0])

    def later(seconds):
        passed[0] += seconds

    return later


def price(queries, number=17):
    return queries.query(PRICE, [number], tags=["products", f"product:{number}"])[0][0]


def test_a_result_is_asked_for_once(queries, database):
    assert [price(queries), price(queries)] == [400, 400]
    assert database.asked == 1


def test_other_arguments_are_another_result(queries, database):
    assert [price(queries), price(queries, 18)] == [400, 500]
    assert database.asked == 2


def test_a_result_ends(queries, database, moment):
    price(queries)
    moment(331)
    price(queries)
    assert database.asked == 2


def test_results_end_at_different_times(example, queries, cache, monkeypatch):
    ends = []
    monkeypatch.setattr(cache.cache, "set", lambda name, value, ex=None, nx=False: ends.append((name, ex)) or True)
    for number in range(50):
        queries.query(PRICE, [number])
    ends = {end for name, end in ends if name.startswith("queries:result:") and not name.endswith(":flight")}
    assert min(ends) >= 270
    assert max(ends) <= 330
    assert len(ends) > 10


@pytest.mark.parametrize(("tag", "asked"), [("product:17", 3), ("products", 4), ("product:99", 2)])
def test_a_change_takes_the_results_of_its_tags(queries, database, moment, tag, asked):
    price(queries), price(queries, 18)
    queries.invalidate(tag)
    moment(2)
    price(queries), price(queries, 18)
    assert database.asked == asked


def test_a_change_is_seen(queries, database):
    price(queries)
    database.write("UPDATE products SET price = 450 WHERE id = 17")
    queries.invalidate("product:17")
    assert price(queries) == 450


def test_nothing_is_kept_while_readers_lag(queries, database, moment):
    price(queries)
    queries.invalidate("product:17")
    # The reader does not know of the change yet.
    assert price(queries) == 400
    database.write("UPDATE products SET price = 450 WHERE id = 17")
    assert price(queries) == 450
    moment(2)
    assert [price(queries), price(queries)] == [450, 450]
    assert database.asked == 4


def test_what_changed_while_it_was_asked_for_is_not_kept(queries, database, moment):
    def change():
        database.before_answer = lambda: None
        database.write("UPDATE products SET price = 450 WHERE id = 17")
        queries.invalidate("product:17")

    database.before_answer = change
    assert price(queries) == 400
    moment(2)
    assert price(queries) == 450


def test_many_at_once_are_one_query(queries, database):
    database.before_answer = lambda: time.sleep(0.2)
    threads = [threading.Thread(target=price, args=(queries,)) for number in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert database.asked == 1


def test_who_looked_just_before_an_answer_was_kept_does_not_ask(queries, cache, database, monkeypatch):
    assert price(queries) == 400
    key, look, looks = queries._key(PRICE, [17]), cache.cache.get, []

    def too_early(name):
        looks.append(name)
        return None if looks.count(key) == 1 and name == key else look(name)

    monkeypatch.setattr(cache.cache, "get", too_early)
    assert price(queries) == 400
    assert database.asked == 1


def test_who_waits_too_long_asks_itself(example, cache, database):
    queries = example.CachedQueries(cache, database.connect, patience=0.1)
    cache.set(f"{queries._key(PRICE, [17])}:flight", "somebody else", ex=60)
    assert price(queries) == 400
    assert database.asked == 1


def test_a_cache_that_is_down(queries, cache, database, moment):
    cache.down = True
    assert [price(queries) for number in range(10)] == [400] * 10
    # It is not asked again and again.
    assert (cache.calls, database.asked) == (1, 10)
    cache.down = False
    moment(1)
    price(queries), price(queries)
    assert database.asked == 11


def test_a_cache_that_goes_down_in_the_middle(queries, cache, database):
    database.before_answer = lambda: setattr(cache, "down", True)
    assert price(queries) == 400


def test_a_change_while_the_cache_is_down_is_made_up_for(queries, cache, database, moment):
    price(queries)
    cache.down = True
    database.write("UPDATE products SET price = 450 WHERE id = 17")
    queries.invalidate("product:17")
    assert price(queries) == 450
    cache.down = False
    moment(1)
    assert price(queries) == 450


@pytest.mark.parametrize("down", [False, True])
def test_an_error_of_the_database_is_the_applications(queries, cache, down):
    cache.down = down
    for attempt in range(2):
        with pytest.raises(sqlite3.OperationalError, match="no such table"):
            queries.query("SELECT * FROM castles WHERE id = ?", [attempt // 2])


def test_values_come_back_as_they_were(example):
    rows = [
        (1, 1.5, "text", None, True, b"\x00\xff"),
        (decimal.Decimal("1.10"), datetime.date(2026, 1, 2), datetime.datetime(2026, 1, 2, 3, 4, 5)),
    ]
    assert example.decode(example.encode(rows)) == rows
    with pytest.raises(TypeError, match="A set cannot be kept"):
        example.encode([({1},)])


def test_it_runs(example, capsys, monkeypatch):
    monkeypatch.delenv("CACHE_HOST", raising=False)
    example.main()
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[1] for line in lines] == ["400", "400", "450", "450", "450"]
    assert [line.split()[-2] for line in lines] == ["1", "1", "2", "3", "3"]
