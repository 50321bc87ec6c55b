"""The models the user chose for a feature in place of the configuration's defaults."""

from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel

from config.model_ref import ModelRef
from config.rendered import ModelConfiguration
from lsp_server.boundary import InvalidArgumentError

_FIELDS = {"chat": "chat", "fastChat": "fast_chat", "codeCompletion": "code_completion"}


class SelectArgument(BaseModel):
    """The argument of `foretype.selectModel`."""

    model_config = ConfigDict(alias_generator=to_camel, frozen=True, protected_namespaces=())

    feature: str
    model_ref: str


class Selection:
    """Remembers choices as long as the server runs; one whose model is gone has no effect."""

    def __init__(self) -> None:
        self._chosen: dict[str, ModelRef] = {}

    def choose(self, configuration: ModelConfiguration, feature: str, model_ref: str) -> None:
        """Choose a model for a feature; `InvalidArgumentError` when there is no such thing."""
        if feature not in _FIELDS:
            raise InvalidArgumentError(f"The feature must be one of {', '.join(_FIELDS)}.")
        for model in configuration.models:
            if str(model.model_ref) == model_ref:
                self._chosen[_FIELDS[feature]] = model.model_ref
                return
        raise InvalidArgumentError("The configuration has no model with that modelRef.")

    def applied(self, configuration: ModelConfiguration) -> ModelConfiguration:
        """Give the configuration with the choices as its defaults."""
        known = {model.model_ref for model in configuration.models}
        chosen = {field: ref for field, ref in self._chosen.items() if ref in known}
        defaults = configuration.default_models.model_copy(update=chosen)
        return configuration.model_copy(update={"default_models": defaults})
