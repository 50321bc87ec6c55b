"""Configurations of one provider, for tests."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from pydantic import SecretStr

from config.model_ref import ModelRef
from config.rendered import (
    ContextWindow,
    Endpoint,
    Knobs,
    Model,
    ModelConfiguration,
    OpenAICompatibleProvider,
    Provider,
)
from providers.client import ModelClient
from providers.messages import (
    ChatMessage,
    ChatRequest,
    Event,
    InfillRequest,
    Sampling,
    TextDelta,
)
from providers.pool import Pool

INFILL = InfillRequest("def add(a, b):\n    return ", "\n", Sampling(max_tokens=64))

CHAT = ChatRequest((ChatMessage("user", "Say hello."),), Sampling(max_tokens=64))


def model_named(
    name: str = "smollm2", *, api_model: str | None = None, knobs: Knobs | None = None
) -> Model:
    return Model(
        model_ref=ModelRef("local", "v1", name),
        context_window=ContextWindow(max_input_tokens=4000, max_output_tokens=1000),
        api_model=SecretStr(api_model) if api_model else None,
        knobs=knobs,
    )


def provider_at(
    *urls: str,
    token: str | None = None,
    headers: dict[str, str] | None = None,
    verbose: bool = False,
    legacy_completions: bool = True,
) -> Provider:
    secret_headers = None
    if headers is not None:
        secret_headers = {name: SecretStr(value) for name, value in headers.items()}
    endpoints = tuple(
        Endpoint(url=url, access_token=SecretStr(token) if token else None, headers=secret_headers)
        for url in urls
    )
    side = OpenAICompatibleProvider(
        endpoints=endpoints,
        enable_verbose_logs=verbose,
        use_legacy_completions=legacy_completions,
    )
    return Provider(id="local", server_side=side)


@asynccontextmanager
async def pool_of(provider: Provider) -> AsyncIterator[Pool]:
    pool = Pool(ModelConfiguration(providers=(provider,)))
    try:
        yield pool
    finally:
        await pool.aclose()


@asynccontextmanager
async def client_at(
    url: str, model: Model | None = None, provider: Provider | None = None
) -> AsyncIterator[ModelClient]:
    async with pool_of(provider or provider_at(url)) as pool:
        yield pool.client_for(model or model_named())


async def collect(events: AsyncIterator[Event]) -> list[Event]:
    return [event async for event in events]


async def text_of(events: AsyncIterator[Event]) -> str:
    return "".join([event.content async for event in events if isinstance(event, TextDelta)])
