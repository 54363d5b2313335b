"""A document as one TOML text: what holds once all layers are laid, with the place that each entry came from.

Reading the text gives the same policy. Entries keep their order, for the first that matches decides; comments name the
file and line, and of an entry that several layers made, each key that another layer gave.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from policy_engine.policy.document import Document, Path
from policy_engine.policy.durations import seconds
from policy_engine.policy.merge import NAME_TABLES, NAMED_LISTS
from policy_engine.policy.variables import escaped, takes_variables

_PSEUDONYMS: Path = ("privacy", "pseudonymise")


def as_toml(document: Document) -> str:
    """Return the whole policy, every entry below a comment that says where it stands."""
    blocks = [_head(document)]
    for section in document.data:
        blocks.extend(_section(document, (section,)))
    return "\n".join(block for block in blocks if block)


def _head(document: Document) -> str:
    """The values that stand above all tables. Plugins that are files are named by their full path."""
    values = {key: value for key, value in document.data.items() if not _has_tables(value)}
    if "plugins" in values:
        values["plugins"] = [_plugin(document, index, name) for index, name in enumerate(values["plugins"])]
    return "".join(f"# {_origin(document, (key,))}\n{_dumped({key: value})}" for key, value in values.items())


def _plugin(document: Document, index: int, name: str) -> str:
    is_file = name.endswith(".py") or "/" in name
    return str(document.file_path(("plugins", index), name).resolve()) if is_file else name


def _section(document: Document, path: Path) -> Iterator[str]:
    """Yield the blocks of a table: its own values, then the entries inside it."""
    value = _at(document.data, path)
    if path in NAMED_LISTS:
        for index, item in enumerate(value):
            yield _entry(document, (*path, index), path, item, is_item=True)
    elif path in NAME_TABLES:
        for name, item in value.items():
            yield _entry(document, (*path, name), (*path, name), item, is_item=False)
    elif isinstance(value, dict):
        inner = {key for key in value if any(_begins(known, (*path, key)) for known in (*NAMED_LISTS, *NAME_TABLES))}
        own = {key: item for key, item in value.items() if key not in inner}
        if own or not inner:
            yield _entry(document, path, path, own, is_item=False)
        for key in value:
            if key in inner:
                yield from _section(document, (*path, key))


def _entry(document: Document, path: Path, header: Path, table: Mapping[str, Any], *, is_item: bool) -> str:
    nested: Any = _escaped(document, table, path)
    for step in reversed(header):
        nested = {step: nested}
    text = _dumped(nested)
    if is_item:
        # An entry always has a name, so its own header comes first; the tables inside it belong to the last one.
        first, _, rest = text.partition("\n")
        text = f"[{first}]\n{rest}"
    return "".join(f"# {line}\n" for line in _origins(document, path, table)) + text


def _escaped(document: Document, value: Any, path: Path) -> Any:
    """The value with each text as it has to be written where variables are replaced."""
    if isinstance(value, dict):
        return {key: _escaped(document, item, (*path, key)) for key, item in value.items()}
    if isinstance(value, list):
        return [_escaped(document, item, (*path, index)) for index, item in enumerate(value)]
    if path[:2] == _PSEUDONYMS and path[-1] == "key_file":
        value = str(document.file_path(path, value).resolve())
    if not isinstance(value, str) or not ("${" in value or document.holds_variables) or not takes_variables(path):
        return value
    hidden = hidden_text(document, value, path)
    return escaped(value) if hidden is None else hidden


def hidden_text(document: Document, text: str, path: Path) -> str | None:
    """Return how a text is written whose value may be a secret: any from the environment that is no duration."""
    written = document.as_written(path)
    if written is None:
        return None
    try:
        seconds(text)
    except ValueError:
        return written
    return None


def _origins(document: Document, path: Path, table: Mapping[str, Any]) -> Iterator[str]:
    """Yield the place of an entry, then those of keys that stand in another file than most of them."""
    places = {key: _origin(document, (*path, key)) for key in table if key != "name"}
    files = Counter(place.rpartition(":")[0] for place in places.values())
    if not files:
        yield _origin(document, path)
        return
    main = files.most_common(1)[0][0]
    yield next((each for each in _all_origins(document, path) if each.rpartition(":")[0] == main), main)
    yield from (f"{key}: {place}" for key, place in places.items() if place.rpartition(":")[0] != main)


def _all_origins(document: Document, path: Path) -> Iterator[str]:
    for part in document.parts(path):
        span = document.place(part, key=True)
        if span is not None:
            yield _comment(f"{span.file}:{span.line}")


def _origin(document: Document, path: Path) -> str:
    return _comment(document.origin(path))


def _comment(text: str) -> str:
    """A text that may stand in a comment: a file's name may hold any character."""
    return "".join(character if character.isprintable() else "?" for character in text)


def _dumped(table: Mapping[str, Any]) -> str:
    import tomli_w  # for those who write a policy, which no service does

    return tomli_w.dumps(table)


def _has_tables(value: Any) -> bool:
    return isinstance(value, dict) or (isinstance(value, list) and any(isinstance(item, dict) for item in value))


def _begins(whole: Path, path: Path) -> bool:
    return whole[: len(path)] == path


def _at(data: Any, path: Path) -> Any:
    for step in path:
        data = data[step]
    return data
