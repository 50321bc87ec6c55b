"""Vendors as data: where the OpenAI-compatible API of each is, and what it takes.

A URL on the vendor's own host means that one API, whichever of the vendor's addresses it is. A URL
anywhere else is a proxy's and is joined to, not replaced; only one without a path gets the
vendor's. Anthropic calls its compatible API a way to try its models, short of its native one: no
prompt caching, no thinking shown, unknown fields ignored.
"""

import re
from dataclasses import dataclass, replace

from providers.dialects import TAKES_ALL, Dialect
from providers.endpoint_urls import BadUrlError, BaseUrl, bare_path, split_url


@dataclass(frozen=True, slots=True)
class Vendor:
    """One vendor: where its API is, and how completion and sampling go there."""

    key: str
    """What to write as accessToken."""
    host: str = ""
    path: str = "/openai/v1"
    native_path: str = r"(?!)"
    """A pattern for the end of paths of its native API, as proxies mirror them."""
    compatible_path: str = ""
    """What stands for that end in the compatible API."""
    has_completions: bool = False
    dialect: Dialect = TAKES_ALL


_OPENAI_DIALECT = Dialect(
    takes_top_k=False,
    # o1 and later, GPT-5 and later; a deployment may be called otherwise, so the model can say it.
    reasoning_names=r"(^|/)(o[1-9]|gpt-[5-9])",
    # Azure's documented example asks for the old API and then completes with gpt-4.1-nano.
    chat_names=r"(^|/)(o[1-9]|gpt-[4-9])",
    hides_thinking=True,
)

OPENAI = Vendor(
    "an API key of OpenAI",
    host="api.openai.com",
    path="/v1",
    native_path=r"/responses$",
    dialect=_OPENAI_DIALECT,
)
FIREWORKS = Vendor(
    "an API key of Fireworks",
    host="api.fireworks.ai",
    path="/inference/v1",
    has_completions=True,
)
GOOGLE = Vendor(
    "an API key for Gemini",
    host="generativelanguage.googleapis.com",
    path="/v1beta/openai",
    native_path=r"/v1beta(/models/.*)?$",
    compatible_path="/v1beta/openai",
    dialect=Dialect(takes_top_k=False, hides_thinking=True),
)
ANTHROPIC = Vendor(
    "an API key of Anthropic",
    host="api.anthropic.com",
    path="/v1",
    native_path=r"/messages$",
    dialect=Dialect(
        takes_top_k=False,
        # Since Claude Opus 4.1: "`temperature` and `top_p` cannot both be specified".
        takes_top_p_beside_temperature=False,
        takes_blank_stops=False,
        hides_thinking=True,
    ),
)
AZURE = Vendor("a key of the Azure OpenAI resource", dialect=_OPENAI_DIALECT)
BEDROCK = Vendor("an Amazon Bedrock API key", dialect=Dialect(takes_top_k=False, uses_arn=True))

VENDORS = {"openai": OPENAI, "fireworks": FIREWORKS, "google": GOOGLE, "anthropic": ANTHROPIC}

_REGION = re.compile(r"[a-z]{2,}(-[a-z]+)+-\d+")

_VERTEX_PROJECT = re.compile(r"/(v\d\w*)/projects/[^/]+/locations/[^/]+(?=/|$)")


def vendor_base(vendor: Vendor, url: str) -> BaseUrl:
    """Return the base of a vendor's API, its own or a proxy's; `BadUrlError` says what is wrong."""
    parts = split_url(url)
    path = bare_path(parts.path)
    if parts.hostname == vendor.host:
        path = vendor.path
    path = re.sub(vendor.native_path, vendor.compatible_path, path) or vendor.path
    return BaseUrl(parts.scheme, parts.netloc, path, parts.query)


def is_own_host(vendor: Vendor, url: str) -> bool:
    """Tell whether a URL leads to the vendor itself and not to a proxy."""
    return split_url(url).hostname == vendor.host


def is_vertex(url: str) -> bool:
    """Tell whether a URL leads to Vertex AI."""
    return (split_url(url).hostname or "").endswith("aiplatform.googleapis.com")


def vertex_base(url: str) -> BaseUrl:
    """Return the base of Vertex AI's compatible API; it has none for the models of others."""
    parts = split_url(url)
    path = bare_path(parts.path)
    publisher = re.search(r"/publishers/([^/]+)", path)
    if publisher and publisher[1] != "google":
        raise BadUrlError(
            f"Vertex AI has no OpenAI-compatible address for models of {publisher[1]}: use that "
            "vendor's own API, or a proxy that speaks OpenAI's"
        )
    project = _VERTEX_PROJECT.match(path)
    if project is None:
        raise BadUrlError("a Vertex AI URL needs /v1/projects/PROJECT/locations/LOCATION")
    if not re.search(r"/endpoints/[^/]+$", path):
        path = f"{project[0]}/endpoints/openapi"
    return BaseUrl(parts.scheme, parts.netloc, path, parts.query)


def azure_base(url: str, api_version: str | None) -> BaseUrl:
    """Return the base of an Azure resource or deployment, or of a proxy before one."""
    parts = split_url(url)
    path = bare_path(parts.path)
    query = parts.query
    if "/openai/deployments/" in path:
        # The address of one deployment, as the portal shows it; it wants a dated version.
        if api_version and "api-version=" not in query:
            query = "&".join(filter(None, (query, f"api-version={api_version}")))
    elif path.endswith("/openai"):
        path += "/v1"
    elif not path.endswith(AZURE.path):
        path += AZURE.path
    return BaseUrl(parts.scheme, parts.netloc, path, query)


def bedrock_base(endpoint: str, region: str, *, is_direct: bool = False) -> BaseUrl:
    """Return the base of Amazon Bedrock in a region, or at a private address."""
    endpoint = endpoint.strip() or region.strip()
    if _REGION.fullmatch(endpoint):
        domain = "amazonaws.com.cn" if endpoint.startswith("cn-") else "amazonaws.com"
        return BaseUrl("https", f"bedrock-runtime.{endpoint}.{domain}", BEDROCK.path)
    parts = split_url(endpoint)
    path = bare_path(parts.path)
    if not is_direct and not path.endswith(BEDROCK.path):
        path += BEDROCK.path
    return BaseUrl(parts.scheme, parts.netloc, path or BEDROCK.path, parts.query)


def azure_vendor(user: str, *, has_completions: bool) -> Vendor:
    """Return the row of Azure OpenAI as one provider is configured."""
    dialect = replace(AZURE.dialect, user=user)
    return replace(AZURE, has_completions=has_completions, dialect=dialect)
