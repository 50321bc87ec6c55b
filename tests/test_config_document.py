"""The declarations of the format, from which reading, hover and schema all come."""

from dataclasses import fields

import pytest

from config.build import build
from config.document import SiteDocument
from config.document_knobs import KnobsNode
from config.options import Options
from config.recommended import KNOWN_MODELS
from config.rendered import Knobs
from config.shapes import Key, ListOf, Node, RecordOf, Shape, Tagged, keys_of


def nodes_below(node: type[Node]) -> set[type[Node]]:
    found = {node}
    for _, key in keys_of(node).values():
        for inner in _nodes_of(key.shape):
            found |= nodes_below(inner)
    return found


def _nodes_of(shape: Shape) -> list[type[Node]]:
    if isinstance(shape, RecordOf):
        return [shape.node]
    if isinstance(shape, Tagged):
        return list(shape.cases.values())
    return _nodes_of(shape.item) if isinstance(shape, ListOf) else []


_KEYS: list[tuple[type[Node], Key]] = [
    (node, key)
    for root in (SiteDocument, Options)
    for node in sorted(nodes_below(root), key=lambda node: node.__name__)
    for _, key in keys_of(node).values()
]


@pytest.mark.parametrize(
    ("node", "key"), _KEYS, ids=[f"{node.__name__}.{key.name}" for node, key in _KEYS]
)
def test_every_key_is_documented(node: type[Node], key: Key) -> None:
    assert node.__doc__
    assert key.doc[0].isupper()
    assert key.doc.endswith(".")


@pytest.mark.parametrize("root", [SiteDocument, Options])
def test_every_field_of_a_node_is_a_declared_key(root: type[Node]) -> None:
    own = {"pointer", "written", "faulty"}
    for node in nodes_below(root):
        declared = {attribute for attribute, _ in keys_of(node).values()}
        assert {field.name for field in fields(node)} - own == declared


def test_every_knob_reaches_the_program_under_its_name() -> None:
    written = {attribute: name for name, (attribute, _) in keys_of(KnobsNode).items()}
    rendered = {attribute: field.alias for attribute, field in Knobs.model_fields.items()}

    assert written == rendered


def test_tokens_are_declared_secret() -> None:
    secret = {"accessToken", "password", "credentialsJSON", "apiModel", "arn"}
    for _, key in _KEYS:
        if key.name in secret:
            assert getattr(key.shape, "secret", False), key.name
        if key.name in {"headers", "formData", "queryParams"}:
            assert getattr(key.shape, "secret", False), key.name


@pytest.mark.parametrize("known", KNOWN_MODELS, ids=[known.ref for known in KNOWN_MODELS])
def test_known_model_is_usable_by_both_its_names(known: object) -> None:
    ref, hosted = getattr(known, "ref", ""), getattr(known, "self_hosted_key", "")
    provider = ref.split("::")[0]
    server = {"type": "huggingface-tgi", "endpoints": [{"url": "http://h"}]}
    providers = [{"id": provider, "serverSideConfig": server}]

    by_ref, _ = build({"providerOverrides": providers, "modelOverridesRecommendedSettings": [ref]})
    by_key, _ = build(
        {
            "providerOverrides": providers,
            "selfHostedModels": [{"provider": provider, "model": hosted}],
        }
    )

    assert by_ref is not None
    assert by_key is not None
    assert str(by_ref.models[0].model_ref) == ref
    assert by_ref.models[0] == by_key.models[0]
