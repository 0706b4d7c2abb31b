"""JupyterLab finds the translations that come with the package."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from jupyterlab_server.translation_utils import get_installed_packages_locale

import jupyterlab_compute

LANGUAGES = sorted((Path(jupyterlab_compute.__file__).parent / "locale").glob("*/LC_MESSAGES/*.po"))


def test_german_comes_with_the_package() -> None:
    assert [file.parent.parent.name for file in LANGUAGES] == ["de_DE"]


@pytest.mark.parametrize("file", LANGUAGES, ids=lambda file: file.parent.parent.name)
def test_jupyterlab_finds_the_language_under_our_domain(file: Path) -> None:
    language = file.parent.parent.name
    found, message = get_installed_packages_locale(language)
    assert message.strip() == ""
    texts = found["jupyterlab_compute"]
    assert texts[""]["domain"] == "jupyterlab_compute"
    assert texts == json.loads(file.with_suffix(".json").read_text())


@pytest.mark.parametrize("file", LANGUAGES, ids=lambda file: file.parent.parent.name)
def test_what_people_edit_is_what_jupyterlab_reads(file: Path) -> None:
    with file.open("rb") as source:
        catalogue = read_po(source, locale=file.parent.parent.name)
    texts = json.loads(file.with_suffix(".json").read_text())
    for message in catalogue:
        if message.id:
            one = message.id[0] if message.pluralizable else message.id
            key = f"{message.context}\x04{one}" if message.context else one
            said = list(message.string) if message.pluralizable else [message.string]
            assert texts.pop(key) == said
            assert all(said)
    assert list(texts) == [""]
