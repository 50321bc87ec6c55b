"""Which models of the base a site keeps: statuses, and allow and deny rules."""

from config.document import ModelFiltersNode
from config.problems import Problem, error, shown
from config.rendered import Model


def filter_problems(filters: ModelFiltersNode) -> list[Problem]:
    """Report every allow and deny rule that cannot be one."""
    rules = [("filter-allow", "allow", i, rule) for i, rule in enumerate(filters.allow)]
    rules += [("filter-deny", "deny", i, rule) for i, rule in enumerate(filters.deny)]
    problems = []
    for code, name, index, rule in rules:
        if not rule:
            message = f'A rule of "{name}" is blank; write one such as "anthropic::*".'
        elif "*" in rule[1:-1]:
            message = (
                f'The rule {shown(rule)} of "{name}" has an asterisk in the middle;'
                " * may only be the first or the last character."
            )
        else:
            continue
        problems.append(error(code, filters.item(name, index), message))
    return problems


def keeps(filters: ModelFiltersNode | None, model: Model) -> bool:
    """Tell whether a model of the base passes; an empty filter constrains nothing."""
    if filters is None:
        return True
    ref = str(model.model_ref)
    if filters.status_filter and model.status not in filters.status_filter:
        return False
    if filters.allow and not any(matches(rule, ref) for rule in filters.allow):
        return False
    return not any(matches(rule, ref) for rule in filters.deny)


def matches(rule: str, ref: str) -> bool:
    """Tell whether a rule with an asterisk at its ends, or none, matches a whole reference."""
    if rule == "*":
        return True
    is_suffix, is_prefix = rule.startswith("*"), rule.endswith("*")
    text = rule[is_suffix : len(rule) - is_prefix]
    if is_suffix and is_prefix:
        return text in ref
    if is_suffix:
        return ref.endswith(text)
    if is_prefix:
        return ref.startswith(text)
    return ref == rule
