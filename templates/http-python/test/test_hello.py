import json
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest


def test_greets_by_name(outputs):
    with urlopen(f"{outputs['HttpApiUrl']}/hello/Ann") as response:
        assert response.status == 200
        assert json.load(response) == {"message": "Hello, Ann!"}


def test_greets_the_world(outputs):
    with urlopen(outputs["HttpApiUrl"]) as response:
        assert json.load(response) == {"message": "Hello, world!"}


def test_has_no_other_routes(outputs):
    with pytest.raises(HTTPError) as error:
        urlopen(f"{outputs['HttpApiUrl']}/nowhere")
    assert error.value.code == 404
