"""Code completion by conversation: what the model is told."""

from dataclasses import replace

from providers.hole_filling import hole_filling_messages
from providers.messages import ContextSnippet, InfillRequest, Sampling

GAP = InfillRequest("def f(x):\n    return ", "\n", Sampling(8))


def told(request: InfillRequest) -> tuple[str, str]:
    system, user = hole_filling_messages(request)
    assert (system.role, user.role) == ("system", "user")
    return system.content, user.content


def test_the_file_is_shown_bare_with_a_mark_at_the_gap() -> None:
    system, user = told(GAP)
    assert user == "def f(x):\n    return <CURSOR/>\n"
    assert "<CURSOR/>" in system


def test_a_mark_that_stands_in_the_file_is_not_used() -> None:
    system, user = told(replace(GAP, prefix="mark = '<CURSOR/>'\nother = '<CURSOR1/>'\n"))
    assert user == "mark = '<CURSOR/>'\nother = '<CURSOR1/>'\n<CURSOR2/>\n"
    assert "<CURSOR2/>" in system
    assert "<CURSOR/>" not in system


def test_language_path_and_other_files_are_told_before_the_file() -> None:
    context = (ContextSnippet("lib/area.ts", "export const area = 1"),)
    system, user = told(
        replace(GAP, path="src/app.tsx", language_id="typescriptreact", context=context)
    )
    assert "The file is src/app.tsx. It is written in TypeScript." in system
    assert system.endswith("--- lib/area.ts ---\nexport const area = 1")
    assert user == "def f(x):\n    return <CURSOR/>\n"


def test_within_a_line_the_model_is_told_so() -> None:
    at_end, _ = told(GAP)
    within, _ = told(replace(GAP, suffix=") + 1\n"))
    assert "within a line" not in at_end
    assert "within a line" in within


def test_typing_changes_the_last_message_only() -> None:
    before, _ = told(GAP)
    after, _ = told(replace(GAP, prefix=GAP.prefix + "x"))
    assert before == after
