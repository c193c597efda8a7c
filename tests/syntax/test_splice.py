from __future__ import annotations

import re
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest

from paceline.errors import InvalidReplacement
from paceline.syntax.snapshot import Snapshot
from paceline.syntax.splice import parse_replacement, splice, unified_diff
from paceline.syntax.target import Replacement, Target
from paceline.syntax.targets import target_named

FIXTURES = Path(__file__).parent / "fixtures"
REFUSALS = tomllib.loads((FIXTURES / "refusals.toml").read_text("utf-8"))


def target_in(module: str | bytes, name: str = "f") -> Target:
    return target_named(Snapshot.open(Path("module.py"), module), name)


def spliced(module: str | bytes, text: str, name: str = "f") -> bytes:
    target = target_in(module, name)
    return splice(target, parse_replacement(text, target))


def sections(path: Path) -> dict[str, str]:
    pieces = re.split(r"^=== (\w+)\n", path.read_text("utf-8"), flags=re.MULTILINE)
    return dict(zip(pieces[1::2], pieces[2::2], strict=True))


@pytest.mark.parametrize("path", sorted((FIXTURES / "splices").glob("*.txt")), ids=lambda path: path.stem)
@pytest.mark.parametrize("newline", ["\n", "\r\n"], ids=["lf", "crlf"])
@pytest.mark.parametrize("bom", ["", "\ufeff"], ids=["plain", "bom"])
def test_a_replacement_takes_its_place(path: Path, newline: str, bom: str) -> None:
    part = sections(path)

    def file(text: str) -> bytes:
        return (bom + text.replace("\n", newline)).encode()

    target = target_in(file(part["module"]), part["target"].strip())
    replacement = parse_replacement(part["replacement"], target)
    result = splice(target, replacement)
    assert result.decode().replace(newline, "\n").removeprefix("\ufeff") == part["result"]
    assert result == file(part["result"])
    if path.stem != "method_with_tabs":
        again = target_in(result, part["target"].strip())
        assert again.source == target_in(file(part["result"]), part["target"].strip()).source


@pytest.mark.parametrize("case", REFUSALS["refused"], ids=lambda case: case["says"][0])
def test_what_is_no_replacement_is_refused_with_the_reason(case: dict[str, object]) -> None:
    target = target_in(REFUSALS["module"], str(case.get("target", "f")))
    with pytest.raises(InvalidReplacement) as caught:
        parse_replacement(str(case["text"]), target)
    says = case["says"]
    assert isinstance(says, list)
    for words in says:
        assert words in str(caught.value)


def test_the_definition_given_back_is_the_one_that_was_read() -> None:
    text = "\ufeff\r\n\r\n    @cache\r\n    def f(x):\r\n        return x\r\n\r\n"
    replacement = parse_replacement(text, target_in("def f(x): pass\n"))
    assert replacement == Replacement(definition="@cache\ndef f(x):\n    return x")


def test_a_recipes_replacement_is_fitted_as_a_persons_is() -> None:
    target = target_in("import re\n_WORD = re.compile('x')\ndef f(x):\n    return x\n")
    replacement = Replacement(
        definition="def f(x):\n    return _WORD.sub('', x)\n",
        imports=("import re", "from math import inf"),
        helpers="_WORD = re.compile('x')\n",
    )
    assert splice(target, replacement) == (
        b"import re\nfrom math import inf\n_WORD = re.compile('x')\ndef f(x):\n    return _WORD.sub('', x)\n"
    )
    clash = Replacement(definition="def f(x): pass", helpers="_WORD = 1\n")
    with pytest.raises(InvalidReplacement, match="_WORD"):
        splice(target, clash)


def test_a_file_without_a_final_newline_stays_so() -> None:
    assert spliced("def f():\n    return 1", "def f():\n    return 2\n") == b"def f():\n    return 2"


def test_bytes_that_are_no_text_survive() -> None:
    module = b"x = '\xff\xfe'\ndef f():\n    return 1\n# \xff\n"
    assert spliced(module, "def f():\n    return 2\n") == module.replace(b"return 1", b"return 2")


def test_a_file_keeps_its_own_encoding() -> None:
    module = "# -*- coding: latin-1 -*-\nx = 'é'\ndef f():\n    return 'é'\n".encode("latin-1")
    assert target_in(module).source == "def f():\n    return 'é'"
    assert spliced(module, "def f():\n    return 'ü'\n") == module.replace(b"return '\xe9'", b"return '\xfc'")
    with pytest.raises(InvalidReplacement, match="iso8859-1"):
        spliced(module, "def f():\n    return '→'\n")


def test_a_diff_shows_the_characters_of_the_files_own_encoding() -> None:
    before = "# -*- coding: latin-1 -*-\nx = 'é'\n".encode("latin-1")
    assert "+x = 'éü'\n" in unified_diff(before, before.replace(b"\xe9", b"\xe9\xfc"), "a.py")


def test_a_string_keeps_its_lines_wherever_it_is_moved() -> None:
    module = 'class A:\n    def f(self):\n        return """a\n    b\n  c"""\n'
    target = target_in(module, "A.f")
    assert target.source == 'def f(self):\n    return """a\n    b\n  c"""'
    assert splice(target, Replacement(definition=target.source)) == module.encode()


def test_the_diff_is_one_that_git_applies(tmp_path: Path) -> None:
    before = b"".join(b"line %d\r\n" % n if n % 5 else b"\r\n" for n in range(200))
    after = b"import os\n" + before.replace(b"line 101", b"line \xe2\x82\xac").removesuffix(b"line 199\r\n")
    after += b"no newline"
    diff = unified_diff(before, after, "folder/file.txt")
    assert diff.startswith("--- a/folder/file.txt\n+++ b/folder/file.txt\n@@ -1,3 +1,4 @@\n+import os\n")
    assert diff.endswith("\\ No newline at end of file\n")
    assert unified_diff(before, before, "file") == ""
    git = shutil.which("git")
    if git is None:
        pytest.skip("no git to apply the diff with")
    file = tmp_path / "folder" / "file.txt"
    file.parent.mkdir()
    file.write_bytes(before)
    command = [git, "apply", "--unsafe-paths", "-"]
    subprocess.run(command, cwd=tmp_path, input=diff.encode(), check=True, timeout=30)
    assert file.read_bytes() == after


@pytest.mark.parametrize(
    ("before", "after"),
    [(b"", b"a\n"), (b"a\n", b""), (b"a\n" * 9, b"a\n" * 8), (b"a", b"a\n"), (b"a\nb\na\nb\n", b"a\nb\n")],
)
def test_small_diffs_apply_too(before: bytes, after: bytes, tmp_path: Path) -> None:
    git = shutil.which("git")
    if git is None:
        pytest.skip("no git to apply the diff with")
    if not before or not after:
        assert unified_diff(before, after, "file").count("\n@@ ") == 1
        return
    (tmp_path / "file").write_bytes(before)
    diff = unified_diff(before, after, "file")
    subprocess.run([git, "apply", "-"], cwd=tmp_path, input=diff.encode(), check=True, timeout=30)
    assert (tmp_path / "file").read_bytes() == after
