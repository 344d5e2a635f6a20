# requires: psycopg[binary]==3.3.9
# answers: ["binary", true]
import psycopg


def handler(event, context):
    try:
        psycopg.connect("host=127.0.0.1 port=1 connect_timeout=2")
    except psycopg.OperationalError as error:
        return [psycopg.pq.__impl__, "refused" in str(error)]
