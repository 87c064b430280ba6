"""What browsers may keep of the app's own files."""

import urllib.request
from collections.abc import Iterator
from pathlib import Path
from urllib.error import HTTPError

import pytest

from tests.e2e.serving import served_app

MODULE = "app/static/viewer/viewer.js"


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("anywhere")
    with served_app(folder, GPFF_DATA_FOLDER=str(folder)) as url:
        yield url


def test_a_module_that_changed_is_sent_anew_and_one_that_did_not_is_not_sent_again(url: str) -> None:
    with urllib.request.urlopen(f"{url}/{MODULE}") as first:
        source, tag = first.read(), first.headers["ETag"]
        assert first.headers["Cache-Control"] == "no-cache"
    assert source == (Path("static/viewer/viewer.js")).read_bytes()

    with pytest.raises(HTTPError) as same:
        urllib.request.urlopen(urllib.request.Request(f"{url}/{MODULE}", headers={"If-None-Match": tag}))
    assert same.value.code == 304
    assert same.value.read() == b""

    older = urllib.request.Request(f"{url}/{MODULE}", headers={"If-None-Match": '"of an older version"'})
    with urllib.request.urlopen(older) as again:
        assert again.status == 200
        assert again.read() == source
