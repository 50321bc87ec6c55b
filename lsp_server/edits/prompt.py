"""What a chat model is asked for an edit: the selection, what stands around it, the instruction."""

from config.rendered import Knobs, Model
from lsp_server.edits.extraction import fence_for
from lsp_server.edits.selection import Selection
from lsp_server.sampling import given_top_k, given_top_p
from lsp_server.session import Session
from providers.errors import RefusedError
from providers.messages import ChatMessage, ChatRequest, Sampling

_TIMEOUT_S = 300.0
_TEMPERATURE = 0.2
# Code runs at about 3.5 characters a token; 3 leaves room in a prompt. What takes more than 4 is
# rare, so an answer of that length is sure not to fit.
_CHARACTERS_PER_TOKEN, _MOST_CHARACTERS_PER_TOKEN = 3, 4

_REWRITE = (
    "You are Foretype, which edits source code inside the user's editor. Rewrite the selection as "
    "the instruction says. Answer with one fenced code block that holds the whole new text of the "
    "selection, with its indentation: nothing of what stands before or after it, and no "
    "explanation. Leave what the instruction does not concern as it is."
)
_INSERT = (
    "You are Foretype, which edits source code inside the user's editor. Write what the "
    "instruction says, to be inserted at the mark <CURSOR/>. Answer with one fenced code block "
    "that holds the text to insert: nothing of what stands before or after it, and no explanation."
)
_TESTS = (
    "You are Foretype, which writes tests inside the user's editor. Write the whole file of tests "
    "that the instruction asks for. Answer with one fenced code block that holds the new file, and "
    "no explanation."
)


def edit_request(
    session: Session, model: Model, selection: Selection, instruction: str, *, is_new_file: bool
) -> ChatRequest:
    """Put an instruction on a selection into a request that the model's window holds.

    Raises `ProviderError` of kind `context_overflow` for a selection that is too large.
    """
    knobs = model.knobs or Knobs()
    sampling = _sampling(knobs, model.context_window.max_output_tokens)
    task = _TESTS if is_new_file else _REWRITE if selection.text else _INSERT
    site = session.configuration.system_pre_instruction
    own = session.options.edit.post_instruction or knobs.edit_post_instruction
    system = "\n\n".join(part for part in (task, site) if part)
    asked = "\n\n".join(part for part in (instruction.strip(), own) if part)
    tokens = model.context_window.left_for_prompt(sampling.max_tokens)
    room = tokens * _CHARACTERS_PER_TOKEN - len(system)
    if room < len(_user_text(selection, "", "", asked)):
        raise _too_large(selection, tokens, "reads")
    answer_room = sampling.max_tokens * _MOST_CHARACTERS_PER_TOKEN
    if not is_new_file and len(selection.text) > answer_room:
        raise _too_large(selection, sampling.max_tokens, "writes")
    # The words around what stands around count, too.
    left = room - len(_user_text(selection, "-", "-", asked))
    before, after = _around(selection, max(0, left))
    user = _user_text(selection, before, after, asked)
    messages = (ChatMessage("system", system), ChatMessage("user", user))
    return ChatRequest(messages, sampling, timeout_s=_TIMEOUT_S)


def _sampling(knobs: Knobs, most: int) -> Sampling:
    temperature = knobs.edit_temperature
    return Sampling(
        max_tokens=min(knobs.edit_max_tokens or most, most),
        temperature=_TEMPERATURE if temperature is None else temperature,
        top_p=given_top_p(knobs.edit_top_p),
        top_k=given_top_k(knobs.edit_top_k),
    )


def _too_large(selection: Selection, tokens: int, does: str) -> RefusedError:
    return RefusedError(
        f"The selection of {len(selection.text)} characters is too large for the model, which "
        f"{does} at most {tokens} tokens at once; select less or use a model with a larger window.",
        kind="context_overflow",
    )


def _around(selection: Selection, left: int) -> tuple[str, str]:
    """Cut what stands around a selection to the room that is left, at line ends."""
    after_room = min(len(selection.after), left // 2)
    before = selection.before[max(0, len(selection.before) - (left - after_room)) :]
    after = selection.after[: left - len(before)]
    if len(before) < len(selection.before):
        before = before.partition("\n")[2]
    if len(after) < len(selection.after):
        after = after.rpartition("\n")[0]
    return before, after


def _user_text(selection: Selection, before: str, after: str, asked: str) -> str:
    if selection.text:
        parts = [("Before the selection", before), ("Selection", selection.text)]
        parts.append(("After the selection", after))
    else:
        # Present also when the rest has been left out: it is what the task speaks of.
        parts = [("The place", f"{before}<CURSOR/>{after}")]
    fence = fence_for(selection.before + selection.text + selection.after)
    shown = [
        f"{title}:\n{fence}{selection.language_id}\n{_as_lines(text)}{fence}"
        for title, text in parts
        if text.strip()
    ]
    return "\n\n".join([f"File: {selection.name}", *shown, f"Instruction: {asked}"])


def _as_lines(text: str) -> str:
    with_lf = text.replace("\r\n", "\n").replace("\r", "\n")
    return with_lf if with_lf.endswith("\n") else with_lf + "\n"
