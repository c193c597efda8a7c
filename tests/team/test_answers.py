"""What is read out of models' answers: code and title, or a lesson; and what is refused."""

from __future__ import annotations

import pytest

from paceline.errors import AnswerIncomplete, AnswerUnusable
from paceline.syntax.target import Target
from paceline.team.exchange import Answer, Usage
from paceline.team.models.answers import LESSON_LENGTH, TITLE_LENGTH, read_lesson, read_rewrite
from paceline.team.models.templates import prompts_for
from paceline.team.models.words import one_line, without_thoughts

BETTER = "def total(values):\n    return sum(map(scaled, values))"
GOOD = f"Change: let sum add the mapped values\n```python\n{BETTER}\n```\n"
CATEGORIES = ("loops", "membership", "other")


def answer(text: str, *, is_cut: bool = False) -> Answer:
    return Answer(text=text, usage=Usage(completion_tokens=100), is_cut=is_cut)


@pytest.mark.parametrize(
    "text",
    [
        GOOD,
        f"<think>Maybe\n```python\ndef total(values):\n    return 0\n```\nno.</think>\n{GOOD}",
        f"It begins in the prompt.\n```python\ndef total(values):\n    return 0\n```\n</think>{GOOD}",
        f"Sure! Here is the function.\n\n{GOOD}\nThis is **1000x faster**!",
        f"**Change:** let sum add the mapped values.\n\n~~~\n{BETTER}\n~~~",
        f"change: Let sum add the mapped values\n\n{BETTER}\n",
        f"Change: let sum add the mapped values, 100x faster (proven)\n\n{BETTER}\n",
    ],
)
def test_a_rewrite_and_its_title(text: str, target: Target) -> None:
    found = read_rewrite(answer(text), target)
    assert found.replacement.definition.strip() == BETTER
    assert found.title == "let sum add the mapped values"


@pytest.mark.parametrize(
    "title",
    [
        "1000x faster loop",
        "a 30% speed-up",
        "10 times faster",
        "proven to be better",
        "twice the speedup",
        "3.5 × as fast",
    ],
)
def test_claims_are_no_titles(title: str, target: Target) -> None:
    assert read_rewrite(answer(GOOD.replace("let sum add the mapped values", title)), target).title == ""


def test_a_title_without_claims_stays_as_it_was(target: Target) -> None:
    title = "use d.get(x, 0) - no second lookup"
    assert read_rewrite(answer(GOOD.replace("let sum add the mapped values", title)), target).title == title


def test_titles_are_one_short_line_of_visible_characters(target: Target) -> None:
    title = "use\x1b[31m a \u202eset\x07 " + "and more " * 40
    shown = read_rewrite(answer(GOOD.replace("let sum add the mapped values", title)), target).title
    assert len(shown) <= TITLE_LENGTH
    assert shown.isprintable()
    assert shown.startswith("use[31m a set and more")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "empty"),
        ("  \n ", "empty"),
        ("<think>I go on and on", "nothing but thoughts"),
        ("I cannot do that.", "no usable rewrite"),
        ("```python\ndef total(values:\n```", "no usable rewrite"),
        ("```python\ndef other(a, b):\n    return a\n```", "no usable rewrite"),
    ],
)
def test_answers_without_a_rewrite(text: str, words: str, target: Target) -> None:
    with pytest.raises(AnswerUnusable, match=words):
        read_rewrite(answer(text), target)


@pytest.mark.parametrize(
    "text",
    [
        # What is left of these parses, and would do something else.
        "```python\ndef total(values):\n    result = 0\n    for value in values:\n        result += 1\n",
        "def total(values):\n    result = 0\n",
        "Let me think about it for a lo",
    ],
)
def test_a_cut_function_is_no_function(text: str, target: Target) -> None:
    with pytest.raises(AnswerIncomplete, match=r"after 100 tokens.*max_tokens"):
        read_rewrite(answer(text, is_cut=True), target)


@pytest.mark.parametrize("rest", ["And this is why it is fas", "```python\nprint(total([1]))\nprint(tot"])
def test_what_is_cut_behind_the_code_is_not_missed(rest: str, target: Target) -> None:
    found = read_rewrite(answer(f"{GOOD}{rest}", is_cut=True), target)
    assert found.replacement.definition.strip() == BETTER


@pytest.mark.parametrize(
    "text",
    [
        '{"lesson": "A set finds in one step.", "category": "membership"}',
        'Here it is:\n```json\n{"lesson": "A set finds in one step.", "category": "Membership"}\n```',
        '<think>{"lesson": "no no", "category": "loops"}</think>'
        '{"lesson": "A set finds in one step.", "category": "membership"}',
        '{"thoughts": {}} {"lesson": "A set finds\\nin one step.", "category": "membership"}',
        '{"lesson": "A set finds\nin one step.", "category": "membership"}',
        "{'lesson': \"A set finds in one step.\", 'category': 'membership'}",
        '{"category": "membership", "lesson": "A set finds in one step.',
    ],
)
def test_a_lesson(text: str) -> None:
    found = read_lesson(answer(text), categories=CATEGORIES)
    assert (found.text, found.category) == ("A set finds in one step.", "membership")


@pytest.mark.parametrize(
    "text", ["Lesson: A set finds in one step.", "A set finds in one step.\n\nI hope this helps!"]
)
def test_a_lesson_in_prose(text: str) -> None:
    found = read_lesson(answer(text), categories=CATEGORIES)
    assert (found.text, found.category) == ("A set finds in one step.", "other")


def test_a_category_that_nobody_knows() -> None:
    text = '{"lesson": "A set finds in one step.", "category": "magic"}'
    assert read_lesson(answer(text), categories=CATEGORIES).category == "other"


def test_a_lesson_is_bounded_and_visible() -> None:
    text = '{"lesson": "Be\\u0000ware \\u001b[2J of \\u202e' + "long words " * 500 + '", "category": "loops"}'
    found = read_lesson(answer(text), categories=CATEGORIES)
    assert len(found.text) <= LESSON_LENGTH
    assert found.text.isprintable()


@pytest.mark.parametrize("text", ["", "{}", "[1, 2]", '{"lesson": 3}', "```python\nx\n```", "ok", "{" * 5000])
def test_answers_without_a_lesson(text: str) -> None:
    with pytest.raises(AnswerUnusable):
        read_lesson(answer(text), categories=CATEGORIES)


def test_a_line_is_cut_at_a_word() -> None:
    assert one_line("one two three", limit=10) == "one..."
    assert one_line("x" * 20, limit=10) == "xxxxxxx..."


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("<think>on and on", ""),
        ("a<think>b</think>c<THINKING>d</THINKING>e", "ace"),
        ("b</think>c", "c"),
        ("<think>a<think>b</think>c", "c"),
        ("a<think>b</think>c</think>d", "d"),
        ("a<think>b</think>c<think>d", "ac"),
        ("nothing", "nothing"),
    ],
)
def test_thoughts_are_left_out(text: str, left: str) -> None:
    assert without_thoughts(text) == left


@pytest.mark.parametrize(
    "unit", ["\n", " ", "<think>", "</think>", "```\n", "change", '"lesson": "', "{", "\\"]
)
def test_long_nonsense_takes_no_longer_than_it_is(unit: str, target: Target) -> None:
    """The limit of the whole suite would be hit by anything quadratic."""
    text = unit * (600_000 // len(unit))
    with pytest.raises((AnswerUnusable, AnswerIncomplete)):
        read_rewrite(answer(text), target)
    with pytest.raises(AnswerUnusable):
        read_lesson(answer(text), categories=CATEGORIES)


def test_every_category_of_a_recipe_is_one_of_a_lesson() -> None:
    from lessonbank.recipe import shipped_recipes

    prompts = prompts_for("python")
    assert prompts is not None
    assert {recipe.category for recipe in shipped_recipes("python")} <= set(prompts.categories)
