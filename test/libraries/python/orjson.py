# requires: orjson==3.13.0
# answers: "{\"a\":[1,\"2026-01-02\"]}"
from datetime import date

import orjson


def handler(event, context):
    return orjson.dumps({"a": [1, date(2026, 1, 2)]}).decode()
