# requires: pymysql==1.2.4
# answers: [2003, "it\\'s"]
import pymysql
from pymysql.converters import escape_string


def handler(event, context):
    try:
        pymysql.connect(host="127.0.0.1", port=1, connect_timeout=2)
    except pymysql.err.OperationalError as error:
        return [error.args[0], escape_string("it's")]
