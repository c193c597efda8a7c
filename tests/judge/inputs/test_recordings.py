"""Calls recorded from a project's own tests, inside the sandbox."""

from __future__ import annotations

import asyncio
import contextlib
import importlib
import json
import sys
from pathlib import Path
from typing import Any

import pytest

from paceline.judge.python.recordings import Recorded, find_suite, find_tests, record_calls
from paceline.judge.python.worker import codec, recorder
from paceline.judge.sandbox import require_isolation
from paceline.syntax import Snapshot, target_named
from paceline.syntax.target import Target

SHOP = """
import functools
from dataclasses import dataclass


@dataclass
class Item:
    name: str
    price: float


def total(items, discount=0):
    items.append("seen")
    return sum(i.price for i in items[:-1]) - discount


def depth(tree):
    return 1 + max((depth(t) for t in tree), default=0)


@functools.lru_cache(maxsize=None)
def square(n):
    return n * n


async def later(n):
    return n


class Basket:
    def __init__(self, items):
        self.items = items

    def cheapest(self, least=0):
        return min((i for i in self.items if i >= least), default=None)

    @staticmethod
    def parse(text):
        return text.split(",")

    @classmethod
    def of(cls, *items):
        return cls(list(items))

    @property
    def size(self):
        return len(self.items)
"""

TESTS = """
import asyncio
import pytest
from shop import Basket, Item, total, depth, square, later


@pytest.mark.parametrize("price", [1.0, 2.5, 1.0])
def test_total(price):
    assert total([Item("a", price)]) == price
    assert total([], discount=1) == -1


def test_that_fails():
    total([Item("b", 3.0)])
    assert False


def test_depth():
    assert depth([[], [[]]]) == 3


def test_square():
    square.cache_clear()
    assert square(4) == 16


def test_later():
    assert asyncio.run(later(7)) == 7


def test_basket():
    assert Basket([3, 1, 2]).cheapest(least=2) == 2
    assert Basket.parse("a,b") == ["a", "b"]
    assert Basket.of(1, 2).size == 2
"""


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    (tmp_path / "pyproject.toml").write_text("[tool.pytest.ini_options]\naddopts = '--no-such-option'\n")
    (tmp_path / "shop.py").write_text(SHOP)
    folder = tmp_path / "tests"
    folder.mkdir()
    (folder / "test_shop.py").write_text(TESTS)
    (folder / "test_other.py").write_text("import shop\n\ndef test_nothing():\n    assert shop.Item\n")
    (folder / "conftest.py").write_text(
        "import sys, pathlib\nsys.path.insert(0, str(pathlib.Path(__file__).parents[1]))\n"
    )
    return tmp_path


def target(root: Path, name: str) -> Target:
    path = root / "shop.py"
    return target_named(Snapshot.open(path, path.read_bytes()), name)


async def record(root: Path, name: str, **settings: Any) -> Recorded:
    given = {"timeout_s": 20.0, "python": Path(sys.executable), **settings}
    return await record_calls(target(root, name), root=root, isolation=require_isolation(True), **given)


def finder_of(recording: recorder.Recording) -> recorder.TargetFinder:
    return recorder.TargetFinder(
        recording.file, lambda loader: recorder.PatchingLoader(loader, recording.patch)
    )


def shown(found: Recorded) -> list[str]:
    return [f"{codec.describe(call['args'])} {codec.describe(call['kwargs'])}" for call in found.calls]


async def test_records_arguments_as_they_were_before_the_call_each_once(shop: Path) -> None:
    found = await record(shop, "total")
    assert shown(found) == [
        "([Item(name='a', price=1.0)],) {}",
        "([],) {'discount': 1}",
        "([Item(name='a', price=2.5)],) {}",
        "([Item(name='b', price=3.0)],) {}",
    ]
    assert found.tests == (shop / "tests" / "test_shop.py",)
    assert found.notes == ()
    # Whatever name the module goes by elsewhere, its classes are found again.
    assert '["obj",".","Item"' in codec.text(found.calls[0]["args"])


@pytest.mark.parametrize(
    ("name", "use", "calls"),
    [
        ("total", "shop.total(items=[])", ["() {'items': []}"]),
        ("depth", "shop.depth([[], [[]]])", ["([[], [[]]],) {}"]),
        ("square", "shop.square.cache_clear() or shop.square(4) + shop.square(4)", ["(4,) {}"]),
        ("later", "asyncio.run(shop.later(7))", ["(7,) {}"]),
        ("Basket.cheapest", "shop.Basket([3]).cheapest(least=2)", ["(Basket(items=[3]),) {'least': 2}"]),
        ("Basket.parse", "shop.Basket.parse('a,b')", ["('a,b',) {}"]),
        ("Basket.of", "shop.Basket.of(1, 2)", ["(1, 2) {}"]),
        ("Basket.size", "shop.Basket([1, 2]).size", ["(Basket(items=[1, 2]),) {}"]),
        ("missing", "shop.total([])", []),
        ("Basket.missing", "shop.total([])", []),
    ],
)
def test_records_every_kind_of_function(
    shop: Path, monkeypatch: pytest.MonkeyPatch, name: str, use: str, calls: list[str]
) -> None:
    monkeypatch.syspath_prepend(shop)
    monkeypatch.delitem(sys.modules, "shop", raising=False)
    lines: list[dict[str, Any]] = []
    recording = recorder.Recording(codec, str(shop / "shop.py"), name, lines.append)
    monkeypatch.setattr(sys, "meta_path", [finder_of(recording), *sys.meta_path])
    module = importlib.import_module("shop")
    with contextlib.suppress(TypeError):
        eval(use, {"shop": module, "asyncio": asyncio})
    found = Recorded(calls=tuple(line["call"] for line in lines))
    assert shown(found) == calls
    assert recording.found is bool(calls)
    monkeypatch.delitem(sys.modules, "shop", raising=False)


def test_keeps_the_first_calls_and_one_in_a_thousand() -> None:
    lines: list[dict[str, Any]] = []
    recording = recorder.Recording(codec, "shop.py", "total", lines.append)
    for n in range(5_000):
        recording.note((n,), {}, "shop")
        recording.note((n,), {}, "shop")
    kept = [codec.decode(line["call"]["args"])[0] for line in lines]
    assert kept == [*range(100), *range(499, 5_000, 500)]
    recording.note((recorder.LARGEST_BYTES * "x",), {}, "shop")
    assert len(lines) == len(kept)


async def test_is_kept_until_something_changes(shop: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    cache = tmp_path_factory.mktemp("cache")
    first = await record(shop, "square", cache=cache)
    (place,) = (cache / "recordings").iterdir()
    kept = json.loads(place.read_text())
    assert kept["calls"] == list(first.calls)
    place.write_text(json.dumps({**kept, "notes": ["from the cache"]}))
    again = await record(shop, "square", cache=cache)
    assert again.calls == first.calls and again.notes == ("from the cache",)

    tests = shop / "tests" / "test_shop.py"
    tests.write_text(
        "from shop import square\n\ndef test_crash():\n    square(5)\n    import os; os._exit(3)\n"
    )
    changed = await record(shop, "square", cache=cache)
    assert shown(changed) == ["(5,) {}"]
    assert "ended early" in changed.notes[0]
    assert list((cache / "recordings").iterdir()) == [place], "what is not whole is not kept"


async def test_stops_at_its_time_limit_and_says_so(shop: Path) -> None:
    found = await record(shop, "square", timeout_s=0.01)
    assert found.calls == ()
    assert found.notes == ("The tests did not end within 0.01 s; the calls recorded until then were used.",)


async def test_says_what_could_not_be_recorded(shop: Path) -> None:
    (shop / "tests" / "test_shop.py").write_text(
        "from shop import square\n\ndef test_it():\n    square(open('/dev/null'))\n"
    )
    notes = (await record(shop, "square")).notes
    assert "an open file" in notes[0] and "did not call" in notes[1]


async def test_without_tests_nothing_runs(tmp_path: Path) -> None:
    (tmp_path / "shop.py").write_text(SHOP)
    assert await record(tmp_path, "total") == Recorded()


def test_finds_the_tests_that_name_the_target_and_import_its_module(tmp_path: Path) -> None:
    package = tmp_path / "src" / "store"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("from store.shop import total\n")
    (package / "shop.py").write_text(SHOP)
    for name, text in {
        "tests/test_a.py": "from store.shop import total\n",
        "tests/unit/b_test.py": "import store\n\nstore.total([])\n",
        "tests/test_named_only.py": "total = 3\n",
        "tests/test_imports_only.py": "import store.shop\n",
        "tests/helper.py": "from store.shop import total\n",
        ".venv/lib/test_c.py": "from store.shop import total\n",
        "node_modules/test_d.py": "from store.shop import total\n",
        "own-env/pyvenv.cfg": "",
        "own-env/test_e.py": "from store.shop import total\n",
    }.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    path = package / "shop.py"
    wanted = target_named(Snapshot.open(path, path.read_bytes()), "total")
    found = [str(p.relative_to(tmp_path)) for p in find_tests(tmp_path, wanted)]
    assert found == ["tests/test_a.py", "tests/unit/b_test.py"]


def test_a_relative_path_of_the_target_is_one_from_the_working_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    # Whoever climbs a relative path in search of its package gets no further than the working folder.
    for name, text in {
        "__init__.py": "",
        "shop.py": SHOP,
        "test_shop.py": "from shop import total\n",
    }.items():
        Path(name).write_text(text)
    relative = target_named(Snapshot.open(Path("shop.py"), SHOP.encode()), "total")
    for root in (tmp_path, Path()):
        assert find_tests(root, relative) == [tmp_path / "test_shop.py"]
        assert find_suite(root, relative).folders == (tmp_path.parent, tmp_path)
