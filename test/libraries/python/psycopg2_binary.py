# requires: psycopg2-binary==2.9.13
# answers: ["OperationalError", true]
import psycopg2


def handler(event, context):
    try:
        psycopg2.connect("host=127.0.0.1 port=1 connect_timeout=2")
    except psycopg2.OperationalError as error:
        return [type(error).__name__, "Connection refused" in str(error)]
