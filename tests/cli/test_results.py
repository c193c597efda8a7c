from __future__ import annotations

from paceline.cli.results import diff_text

DIFF = """--- shop.py
+++ shop.py
@@ -1,4 +1,5 @@
 import re
+from collections import Counter

 x = 1
@@ -20,8 +21,7 @@
 a
 b
-    slow
+    fast
 c
 d
"""


def test_a_diff_keeps_one_line_around_each_change() -> None:
    assert diff_text(DIFF).plain.splitlines() == [
        " import re",
        "+from collections import Counter",
        "",
        "...",
        " b",
        "-    slow",
        "+    fast",
        " c",
    ]


def test_a_long_diff_says_how_much_is_left_out() -> None:
    assert diff_text(DIFF, limit=3).plain.splitlines()[-1] == "(5 more lines; --json has the whole diff)"


def test_changes_are_coloured() -> None:
    text = diff_text(DIFF)
    styles = {text.plain[span.start : span.end].strip(): span.style for span in text.spans}
    assert styles["-    slow"] == "removed"
    assert styles["+    fast"] == "added"
