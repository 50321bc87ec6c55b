"""The models a site names, from its three lists, in document order."""

from dataclasses import dataclass
from itertools import islice

from config.document import SelfHostedModelNode, SiteDocument
from config.document_models import ModelOverrideNode
from config.layers import with_layer, with_recommended, with_self_hosted
from config.model_ref import ModelRef, ModelRefError
from config.problems import Problem, did_you_mean, error, nearest, shown
from config.recommended import BY_REF, BY_SELF_HOSTED_KEY
from config.recommended_model import RecommendedModel
from config.rendered import Model

# A message names this many; all are in the reference.
_MOST_EXAMPLES = 3


@dataclass(frozen=True, slots=True)
class ModelEntry:
    """One model that a site adds or changes, and where it says so."""

    ref: ModelRef
    pointer: str
    override: ModelOverrideNode | None = None
    known: RecommendedModel | None = None
    self_hosted: SelfHostedModelNode | None = None

    def applied_to(self, model: Model) -> Model:
        """Give the model with everything this entry says."""
        if self.override is not None:
            model = with_layer(model, self.override)
        if self.known is not None:
            model = with_recommended(model, self.known)
        if self.self_hosted is not None and self.self_hosted.override is not None:
            model = with_self_hosted(model, self.self_hosted.override)
        return model

    def at(self, *names: str) -> str:
        """Give the pointer of a nested key of this entry, as far as the document goes."""
        hosted = self.self_hosted.override if self.self_hosted is not None else None
        written = self.override or hosted
        if written is None:
            return self.pointer
        window = written.context_window
        if names[0] == "contextWindow" and window is not None:
            return window.at(names[-1])
        return written.at(names[0]) if written.has(names[0]) else self.pointer


def model_entries(site: SiteDocument) -> tuple[list[ModelEntry], list[Problem]]:
    """Give every model the site names; those it names wrongly are problems instead."""
    problems: list[Problem] = []
    entries = _overrides(site, problems)
    entries += _recommended(site, problems)
    entries += _self_hosted(site, problems)
    return _without_duplicates(entries, problems), problems


def parsed_ref(
    text: str, pointer: str, problems: list[Problem], about: str = ""
) -> ModelRef | None:
    """Read a reference, or report why it is none."""
    try:
        return ModelRef.parse(text)
    except ModelRefError as fault:
        problems.append(error(fault.code, pointer, about + str(fault), fault.replacement))
        return None


def _overrides(site: SiteDocument, problems: list[Problem]) -> list[ModelEntry]:
    entries = []
    for override in site.model_overrides:
        if override.model_ref is None:
            continue
        ref = parsed_ref(override.model_ref, override.at("modelRef"), problems)
        if ref is not None:
            entries.append(ModelEntry(ref, override.at("modelRef"), override=override))
    return entries


def _recommended(site: SiteDocument, problems: list[Problem]) -> list[ModelEntry]:
    entries = []
    for index, text in enumerate(site.recommended):
        pointer = site.item("modelOverridesRecommendedSettings", index)
        known = BY_REF.get(text)
        if known is None:
            meant = nearest(text, BY_REF, problems)
            problems.append(_unknown("recommended-unknown", pointer, text, BY_REF, meant))
        else:
            entries.append(ModelEntry(ModelRef.parse(known.ref), pointer, known=known))
    return entries


def _self_hosted(site: SiteDocument, problems: list[Problem]) -> list[ModelEntry]:
    entries = []
    for written in site.self_hosted_models:
        known = _known_self_hosted(written, problems)
        if known is None or written.provider is None:
            continue
        api_version = written.api_version or "v1"
        text = f"{written.provider}::{api_version}::{known.model_name}"
        at = written.at("apiVersion" if _is_about_version(text) else "provider")
        ref = parsed_ref(text, at, problems)
        if ref is not None:
            entries.append(ModelEntry(ref, written.pointer, known=known, self_hosted=written))
    return entries


def _known_self_hosted(
    written: SelfHostedModelNode, problems: list[Problem]
) -> RecommendedModel | None:
    if written.is_faulty("model"):
        return None
    known = BY_SELF_HOSTED_KEY.get(written.model or "")
    if known is None:
        at = written.at("model")
        text = written.model or ""
        meant = nearest(text, BY_SELF_HOSTED_KEY, problems)
        problems.append(_unknown("selfhosted-unknown", at, text, BY_SELF_HOSTED_KEY, meant))
    return known


def _is_about_version(text: str) -> bool:
    try:
        ModelRef.parse(text)
    except ModelRefError as fault:
        return fault.code == "ref-api-version"
    return False


def _unknown(
    code: str, pointer: str, text: str, known: dict[str, RecommendedModel], meant: str | None
) -> Problem:
    what = f"The model {shown(text)} is not a known one" if text else '"model" is missing here'
    examples = ", ".join(islice(known, _MOST_EXAMPLES))
    message = f"{what} (known are {examples} and others){did_you_mean(meant)}"
    return error(code, pointer, message, meant)


def _without_duplicates(entries: list[ModelEntry], problems: list[Problem]) -> list[ModelEntry]:
    first: dict[ModelRef, ModelEntry] = {}
    for entry in entries:
        if entry.ref in first:
            message = (
                f"The model {shown(str(entry.ref))} is named twice, counting recommended and"
                " self-hosted models; remove one of the entries."
            )
            problems.append(error("duplicate-model", entry.pointer, message))
        else:
            first[entry.ref] = entry
    return list(first.values())
