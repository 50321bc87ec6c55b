"""Model servers as data: what each kind can do, and the signs by which it is told.

A row tells what is tried and in which order, never what is certain: whether a way to fill a gap
works is seen by its effect, and what a server refuses is remembered (`learned_server.py`).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from config.rendered import FimRoute
from providers.wire_json import as_object, as_text


@dataclass(frozen=True, slots=True)
class ServerKind:
    """One kind of model server."""

    name: str
    fim_routes: tuple[FimRoute, ...] = ("tokens", "chat")
    """Ways to ask for the text of a gap, best first; the next is taken when one is refused.

    `infill`: llama.cpp's operation of that name; `suffix` beside the prompt; `tokens`: one prompt
    of special tokens, or of the prefix alone where the model has none; `chat`: a conversation.
    """
    takes_top_k: bool = True
    takes_top_p_ends: bool = True
    """False: `top_p` must lie strictly between 0 and 1."""


UNKNOWN = ServerKind("unknown", takes_top_k=False)
VENDOR = ServerKind("vendor")
"""What a vendor takes stands in its own table (`vendors.py`)."""
# /infill builds the prompt from the model's own tokens; `suffix` is accepted and ignored (2026).
LLAMA_CPP = ServerKind("llama.cpp", ("infill", "tokens", "chat"))
# Without a suffix /v1/completions wraps the prompt in the chat template, which spoils tokens. Its
# OpenAI routes know no top_k (openai/openai.go, 0.33).
OLLAMA = ServerKind("Ollama", ("suffix", "chat"), takes_top_k=False)
# Refuses `suffix`, since 0.33 for all models but DeepSeek-V4 (renderers/online_renderer.py).
VLLM = ServerKind("vLLM")
NIM = ServerKind("NIM")
# Ignores `suffix`, unless it was started with --completion-template; then it puts every prompt into
# that template, and `fimRoute` is to say `suffix` (serving_completions.py, 0.5.23).
SGLANG = ServerKind("SGLang")
# Its documentation lists top_k and no suffix (openai-compat/chat-completions, 2026).
LM_STUDIO = ServerKind("LM Studio")
# Has no field `suffix` (core/schema/openai.go, 4.9).
LOCAL_AI = ServerKind("LocalAI")
KOBOLD_CPP = ServerKind("KoboldCpp")
# Its OpenAI routes know no top_k; `top_p` 1.0 and `suffix` are answered with 422 (router/src, 3.3).
TGI = ServerKind("TGI", takes_top_k=False, takes_top_p_ends=False)
# Takes `suffix` and only repeats it after the answer; refuses a body with top_k (422, 5.23).
TRANSFORMERS = ServerKind("transformers serve", takes_top_k=False)
# What stands behind a proxy decides, and is hidden by it.
LITE_LLM = ServerKind("LiteLLM", takes_top_k=False)
LISA = ServerKind("LISA", takes_top_k=False)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server said to one request; names of headers in lower case."""

    path: str
    headers: Mapping[str, str]
    body: Any = None
    """The decoded JSON of a good answer, else None."""


@dataclass(frozen=True, slots=True)
class Sign:
    """One way to tell a kind; a sign is there when all of its parts are."""

    kind: ServerKind
    header: str = ""
    """A header of the answer at `path`, or of any; its value must match `value`."""
    value: str = ""
    path: str = ""
    """A path at the root of the server; without a header its JSON answer has all of `keys`."""
    keys: tuple[str, ...] = ()
    has_no_other: bool = False
    """The answer has these keys only."""
    owner: str = ""
    """`owned_by` of a model in `/models`."""


# First match wins: proxies before what they hide, products before the engine inside, the imitated
# last. Seen on running servers: LiteLLM, llama.cpp and transformers. Of the others it is said where
# it was read. A wrong sign costs a first guess, which the server's error mends.
SIGNS = (
    # LiteLLM documents x-litellm-* response headers, but its list of models comes without (1.106).
    Sign(LITE_LLM, header="x-litellm-version"),
    Sign(LITE_LLM, header="x-litellm-call-id"),
    Sign(LITE_LLM, path="/health/readiness", keys=("status", "db")),
    # llama.cpp sets both (seen on xllamacpp 2026.10); /props is its own, too.
    Sign(LLAMA_CPP, header="server", value=r"llama\.cpp"),
    Sign(LLAMA_CPP, owner="llamacpp"),
    Sign(LLAMA_CPP, path="/props", keys=("default_generation_settings",)),
    # NIM's API reference, 1.10 to 2.0. Since 2.0 it is vLLM inside, whose signs it shows, too;
    # before, its models belonged to `system`, which is no sign.
    Sign(NIM, path="/v1/metadata", keys=("modelInfo", "version")),
    # LocalAI: core/http/routes/localai.go, 4.9. The first is for everybody, since 4.1.1, before
    # it imitated Ollama's API (4.2); the second for administrators. Its models have no owner.
    Sign(LOCAL_AI, path="/.well-known/localai.json", keys=("version", "endpoints")),
    Sign(LOCAL_AI, path="/system", keys=("backends", "loaded_models")),
    # SGLang: entrypoints/openai/protocol.py and http_server.py, 0.5.23, where the last is the old
    # name of the second and to be removed.
    Sign(SGLANG, owner="sglang"),
    Sign(SGLANG, path="/model_info", keys=("model_path", "is_generation")),
    Sign(SGLANG, path="/get_model_info", keys=("model_path", "is_generation")),
    # vLLM: entrypoints/serve/engine/protocol.py, 0.33. Many others have /version, too.
    Sign(VLLM, owner="vllm"),
    # An operation of its own, by POST, as the refusal of a GET tells (seen on 5.23). It has no
    # other sign: its answers say uvicorn, the owner of a model is its author.
    Sign(TRANSFORMERS, path="/load_model", header="allow", value=r"POST"),
    # TGI: router/src/lib.rs, 3.3. TEI, for embeddings, has a model_id, too, but no total.
    Sign(TGI, path="/info", keys=("model_id", "max_total_tokens")),
    # LM Studio: answers that people have shown, of 2025 to August 2026 (0.3 and 0.4). Its native
    # API is documented at version 0; paths it does not know it answers with 200 and an error.
    Sign(LM_STUDIO, owner="organization_owner"),
    Sign(LM_STUDIO, path="/api/v0/models", keys=("object", "data")),
    # KoboldCpp: koboldcpp.py, 2026. It answers /api/version for Ollama's clients.
    Sign(KOBOLD_CPP, owner="koboldcpp"),
    # Ollama: openai/openai.go and server/routes.go, 0.33. The owner is the namespace of the model,
    # `library` by default. llama-swap and others have a version there with more beside it.
    Sign(OLLAMA, owner="library"),
    Sign(OLLAMA, path="/api/version", keys=("version",), has_no_other=True),
)

# All that an ordinary answer can show.
_SIGNS_OF_HEADERS = tuple(sign for sign in SIGNS if sign.header)

# What servers write into `system_fingerprint` of their answers.
_FINGERPRINTS = (
    (r"fp_ollama", OLLAMA),
    (r"b\d+-\w+", LLAMA_CPP),  # llama.cpp: build number and commit
    (r"\d+\.\d+\.\d+\S*-(native|sha-\w+)", TGI),  # TGI: version and Docker label
    (r"vllm-\d\S*", VLLM),  # vLLM since April 2026, by default: version, parallelism, hash
)


def kind_by_signs(answers: tuple[Answer, ...]) -> ServerKind:
    """Return the kind of server that gave these answers."""
    for sign in SIGNS:
        if any(_shows(answer, sign) for answer in answers):
            return sign.kind
    return UNKNOWN


def kind_by_reply(headers: Mapping[str, str], fingerprint: str) -> ServerKind:
    """Return the kind of server as far as an ordinary answer gives it away."""
    answer = Answer("", headers)
    for sign in _SIGNS_OF_HEADERS:
        if _shows(answer, sign):
            return sign.kind
    matches = (kind for pattern, kind in _FINGERPRINTS if re.fullmatch(pattern, fingerprint))
    return next(matches, UNKNOWN)


def _shows(answer: Answer, sign: Sign) -> bool:
    if sign.header:
        given = answer.headers.get(sign.header) if sign.path in {"", answer.path} else None
        return given is not None and re.search(sign.value, given) is not None
    fields = as_object(answer.body)
    if sign.owner:
        items = fields.get("data")
        models = items if answer.path == "/models" and isinstance(items, list) else []
        return any(as_text(as_object(one).get("owned_by")) == sign.owner for one in models)
    if answer.path != sign.path or not set(sign.keys) <= fields.keys():
        return False
    return not sign.has_no_other or len(fields) == len(sign.keys)
