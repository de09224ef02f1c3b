"""Explainers by name, with what they say of themselves, made with their options."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any, cast

from elision.errors import OptionError, did_you_mean
from elision.options import Description, Option, options_of, source
from elision.plugins import Registry
from elision.removal.registry import describe_removal, is_removal, make_removal, removals

if TYPE_CHECKING:
    from elision.explainers.explainer import Explainer

_PLAIN = (str, int, float, type(None))

METHODS: Registry[type[Explainer]] = Registry(
    "method",
    group="elision.explainers",
    base="elision.explainers.explainer:Explainer",
    own={
        "marginalization": "elision.explainers.marginalization.input_marginalization:InputMarginalization",
        "search": "elision.explainers.search.search:Search",
        "group-masks": "elision.explainers.masks.group_masks:GroupMasks",
        "word-masks": "elision.explainers.masks.word_masks:WordMasks",
        "lime": "elision.explainers.lime:Lime",
        "shapley": "elision.explainers.shapley:Shapley",
        "leave-one-out": "elision.explainers.leave_one_out:LeaveOneOut",
        "saliency": "elision.explainers.gradients.methods:Saliency",
        "input-x-gradient": "elision.explainers.gradients.methods:InputXGradient",
        "integrated-gradients": "elision.explainers.gradients.methods:IntegratedGradients",
        "gradient-shap": "elision.explainers.gradients.methods:GradientShap",
        "deep-lift": "elision.explainers.gradients.methods:DeepLift",
        "iba": "elision.explainers.gradients.bottleneck:InformationBottleneck",
        "l2x": "elision.explainers.learned.l2x:L2X",
        "attention": "elision.explainers.gradients.attention:Attention",
        "random": "elision.explainers.random:Random",
    },
)


class Method(Description):
    """A method's entry in the list.

    Attributes:
        name: as `explain(method=...)` and `--method` take it.
        summary: what its scores are.
        needs: "values only" works with every model, functions included; "embeddings" and "hidden layers" want a PyTorch
            model; "fitting" learns from texts first.
        cost: of one explanation of a text with u words.
        source: whom it is from.
        options: what `explain` and `--set` take for it.
    """


def methods() -> tuple[Method, ...]:
    """Return all methods, each with one line, what it needs, what it costs, whom it is from and its options."""
    return tuple(map(describe, METHODS))


def describe(name: str) -> Method:
    """Return what a method says of itself.

    Raises:
        OptionError: there is no such method.
    """
    if name not in METHODS:
        METHODS.find(name)
    return _described(METHODS.outline(name))


@cache
def _described(kind: Any) -> Method:
    return Method(kind.name, kind.summary, kind.needs, kind.cost, source(kind.__doc__ or ""), options_of(kind))


def all_options(method: str, given: Mapping[str, Any]) -> tuple[Option, ...]:
    """Return the options that go with a method: its own, and those of the removal or explainer that they name.

    Args:
        method: its name; an unknown one has no options.
        given: what is given, by the options' names.
    """
    own = describe(method).options if method in METHODS else ()
    found = {option.name: option for option in own}
    for option in own:
        for theirs in _named(option, given.get(option.name)):
            found.setdefault(theirs.name, theirs)
    return tuple(found.values())


def make_explainer(method: str, *, seed: int = 0, budget: int | None = None, **options: Any) -> Explainer:
    """Return an explainer by name.

    Args:
        method: the name of one that `methods` lists.
        seed: of every random draw.
        budget: the most model evaluations, or None.
        options: of the method, and what the method has not of the removal or explainer that an option names; None for
            what is not given.
    Raises:
        OptionError: no method has the name, or an option does not go with it.
    """
    kind: Any = METHODS.find(method)
    own = {option.name: option for option in options_of(kind)}
    given = _given({**options, "budget": budget}, own)
    if kind.own_removal is not None and "removal" in given:
        _check_removal(kind, given.pop("removal"))
    for option in own.values():
        theirs = {known.name for known in _named(option, given.get(option.name))} - own.keys()
        told = {name: given.pop(name) for name in theirs & given.keys()}
        if told and option.may_be("Removal"):
            given[option.name] = make_removal(given[option.name], **told)
        elif isinstance(given.get(option.name), str) and option.may_be("Explainer"):
            given[option.name] = make_explainer(given[option.name], seed=seed, **told)
    for name in (name for name in given if name not in own):
        raise OptionError(refusal(name, method, own))
    return cast("Explainer", kind(**({"seed": seed} if "seed" in own else {}), **given))


def _named(option: Option, value: Any) -> tuple[Option, ...]:
    """Return the options of the removal or explainer that an option's value names."""
    if not isinstance(value, str):
        return ()
    if option.may_be("Removal") and is_removal(value):
        return describe_removal(value).options
    return describe(value).options if option.may_be("Explainer") and value in METHODS else ()


def _check_removal(kind: type[Explainer], removal: Any) -> None:
    """Refuse a removal for a method that has its own, unless it is that one."""
    if removal != kind.own_removal:
        make_removal(removal)
        raise OptionError(f"{kind.name} has its own removal; use method='leave-one-out' with removal={removal!r}")


def refuse_settings(explainer: Explainer, *, seed: int = 0, **options: Any) -> None:
    """Refuse options beside an explainer, which has its own settings.

    Raises:
        OptionError: one was given.
    """
    own = {option.name: option for option in options_of(type(explainer))}
    for name in _given({**options, **({"seed": seed} if seed else {})}):
        if name in own:
            raise OptionError(f"{name} is a setting of the explainer: {type(explainer).__name__}({name}=...)")
        raise OptionError(refusal(name, explainer.name, own))


def _given(options: Mapping[str, Any], own: Mapping[str, Option] | None = None) -> dict[str, Any]:
    """Return the options that ask for something.

    Args:
        options: all; None for those that are not given, unless None says something of its own.
        own: those of the method that they go to.
    """
    own = own or {}
    found = {name: value for name, value in options.items() if not (name == "budget" and value is None)}
    return {
        name: value
        for name, value in found.items()
        if not (value is None and not own[name].may_be("None") if name in own else says_nothing(name, value))
    }


def says_nothing(name: str, value: Any) -> bool:
    """Tell whether an option asks for nothing: all that have it do so by default."""
    if not isinstance(value, _PLAIN):
        return False
    known = [option for described in (*methods(), *removals()) for option in described.options if option.name == name]
    return bool(known) and all(
        value == option.default or (value is None and not option.may_be("None")) for option in known
    )


def refusal(name: str, method: str, own: Collection[str]) -> str:
    """Return why an option does not go with a method, and with which it does.

    Args:
        name: the option's.
        method: the method's name.
        own: the options that it has.
    """
    users = [known.name for known in methods() if _has(known, name)]
    theirs = [known.name for known in removals() if _has(known, name)]
    listed = f"{method} has {', '.join(own) or 'none'}"
    if theirs:
        ways = [f"method={user!r}" for user in users] + [f"removal={removal!r}" for removal in theirs]
        return f"{name} goes with {' or '.join(ways)} only; {listed}"
    if users:
        return f"{name} does not go with method={method!r}, but with {', '.join(map(repr, users))}; {listed}"
    return f"{method} has no option {name!r}; {listed}{did_you_mean(name, own)}"


def _has(described: Description, name: str) -> bool:
    return any(option.name == name for option in described.options)
