# requires: asyncpg==0.32.0
# answers: "ConnectionRefusedError"
import asyncio

import asyncpg


def handler(event, context):
    try:
        asyncio.run(asyncpg.connect(host="127.0.0.1", port=1, user="a", timeout=2))
    except OSError as error:
        return type(error).__name__
