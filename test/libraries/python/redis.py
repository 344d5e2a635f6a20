# requires: redis[hiredis]==8.1.0
# answers: ["ConnectionError", "HiredisParser"]
import redis
from redis.utils import HIREDIS_AVAILABLE


def handler(event, context):
    try:
        redis.Redis(host="127.0.0.1", port=1, socket_timeout=1, retry=None).ping()
    except redis.ConnectionError as error:
        return [type(error).__name__, "HiredisParser" if HIREDIS_AVAILABLE else "plain"]
