"""The contract as code: one YAML file, and checks against it.

Errors of a person's request become `Invalid` with a JSON pointer and one plain sentence; the value itself
is quoted only in part, since it may be long or secret.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from functools import cache, lru_cache
from importlib.resources import files
from itertools import islice
from typing import Any

import yaml
from jsonschema import Draft202012Validator, FormatChecker, ValidationError, validators
from jsonschema.exceptions import best_match
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

from .errors import Invalid, Malformed

_URI = "urn:jupyterlab-compute:contract"
EVENT_SCHEMA_ID = "https://events.jupyter.org/jupyterlab_compute/job_changed/v1"
#: The best of so many errors is told; a request may have a hundred thousand, and each costs time.
_MOST_ERRORS = 50


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    # JSON Schema's `$` is the end. Python's also matches before a last newline, and a newline is all
    # that it takes to start a line of one's own in a script or a queue's listing.
    return re.compile(re.sub(r"(?<!\\)\$$", r"\\Z", pattern))


def _pattern(_: Any, pattern: str, value: object, __: Any) -> Iterator[ValidationError]:
    if isinstance(value, str) and not _compiled(pattern).search(value):
        yield ValidationError(f"it does not match {pattern}")


def _is_integer(_: Any, value: object) -> bool:
    # To JSON Schema 2.0 is a whole number; to a scheduler's command line it is not.
    return isinstance(value, int) and not isinstance(value, bool)


_Validator: Any = validators.extend(  # type: ignore[no-untyped-call]
    Draft202012Validator,
    {"pattern": _pattern},
    type_checker=Draft202012Validator.TYPE_CHECKER.redefine("integer", _is_integer),
)


@lru_cache(maxsize=1)
def document() -> dict[str, Any]:
    """The OpenAPI document."""
    text = (files("jupyterlab_compute") / "contract" / "openapi.yaml").read_text("utf-8")
    # The safe loader in C where there is one: 0.03 s instead of 0.4.
    loaded: dict[str, Any] = yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506
    return loaded


def event_schema() -> str:
    """The text of the `job-changed` event's schema."""
    return (files("jupyterlab_compute") / "contract" / "job_changed.yaml").read_text("utf-8")


@cache
def validator(name: str) -> Any:
    """A validator of `components.schemas.<name>`."""
    resource = Resource.from_contents(document(), default_specification=DRAFT202012)
    registry: Registry[Any] = Registry().with_resource(_URI, resource)
    return _Validator(
        {"$ref": f"{_URI}#/components/schemas/{name}"},
        registry=registry,
        format_checker=FormatChecker(["date-time"]),
    )


def check(name: str, value: Any) -> None:
    """Raise `Invalid` unless `value` is a `name`."""
    error = _worst(validator(name).iter_errors(value))
    if error is not None:
        raise Invalid(_sentence(error), _hint(error), pointer=_pointer(error))


def query(operation_id: str, given: Mapping[str, str]) -> dict[str, Any]:
    """The operation's query parameters, converted and checked, defaults filled in.

    Raises `Malformed` for a parameter that the contract does not know or a value that it does not allow.
    """
    known = {p["name"]: p["schema"] for p in _parameters(operation_id)}
    values: dict[str, Any] = {name: schema["default"] for name, schema in known.items() if "default" in schema}
    for name, text in given.items():
        schema = known.get(name)
        if schema is None:
            # JupyterLab's own requests carry a token or a time stamp against caches.
            if name in {"token", "_xsrf"} or name.isdigit():
                continue
            raise Malformed(
                f"There is no parameter “{_short(name)}” here.", f"Known are: {', '.join(known) or 'none'}."
            )
        value: Any = text
        if schema.get("type") == "integer":
            try:
                value = int(text[:30])
            except ValueError:
                raise Malformed(f"“{name}” must be a whole number, not “{_short(text)}”.") from None
        shared = schema.get("$ref", "").rpartition("/")[2]
        error = _worst((validator(shared) if shared else _Validator(schema)).iter_errors(value))
        if error is not None:
            raise Malformed(f"“{name}”: {_sentence(error)}", _hint(error))
        values[name] = value
    return values


def _worst(errors: Iterator[ValidationError]) -> ValidationError | None:
    found: ValidationError | None = best_match(islice(errors, _MOST_ERRORS))
    return found


def _parameters(operation_id: str) -> Iterator[dict[str, Any]]:
    for path in document()["paths"].values():
        for operation in path.values():
            if isinstance(operation, dict) and operation.get("operationId") == operation_id:
                yield from (p for p in operation.get("parameters", []) if p.get("in") == "query")


def _pointer(error: ValidationError) -> str:
    where = "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in error.absolute_path)
    return where[:500]


def _short(value: Any, most: int = 60) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    text = "".join(c if c.isprintable() else "·" for c in text[: most + 1])
    return text if len(text) <= most else text[:most] + "…"


def _sentence(error: ValidationError) -> str:  # noqa: C901 (a table)
    """One plain sentence for what the schema found."""
    field = _short(str(error.absolute_path[-1])) if error.absolute_path else "The request"
    expected: Any = error.validator_value
    value: Any = error.instance
    match error.validator:
        case "required":
            missing = [name for name in expected if isinstance(value, dict) and name not in value]
            return f"{field} lacks {', '.join(missing)}."
        case "additionalProperties" | "unevaluatedProperties":
            known = error.schema.get("properties", {}) if isinstance(error.schema, Mapping) else {}
            extra = [_short(name, 30) for name in value if name not in known][:5] if isinstance(value, dict) else []
            return f"{field} has fields that are not known here: {', '.join(extra)}."
        case "type":
            return f"{field} must be of type {expected if isinstance(expected, str) else ' or '.join(expected)}."
        case "enum" | "const":
            allowed = expected if isinstance(expected, list) else [expected]
            return f"{field} must be one of {', '.join(map(str, allowed))}, not “{_short(value)}”."
        case "maxLength":
            return f"{field} is too long: {len(value)} characters, at most {expected}."
        case "minLength":
            return f"{field} is too short."
        case "maximum":
            return f"{field} is {_short(value)}; at most {expected} is possible."
        case "minimum":
            return f"{field} is {_short(value)}; at least {expected} is needed."
        case "pattern":
            return f"{field} has characters or a form that is not allowed: “{_short(value)}”."
        case "minItems":
            return f"{field} is empty."
        case "maxItems" | "maxProperties":
            return f"{field} has too many entries: at most {expected}."
        case "uniqueItems":
            return f"{field} names something twice."
        case _:
            return f"{field} is not valid: “{_short(value)}”."


def _hint(error: ValidationError) -> str:
    if error.validator == "pattern":
        return f"It must match {error.validator_value}"
    return ""
