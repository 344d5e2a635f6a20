# requires: pymongo==4.20.1
# answers: ["ServerSelectionTimeoutError", {"a": [1, 2]}]
import bson
import pymongo


def handler(event, context):
    read = bson.decode(bson.encode({"a": [1, 2]}))
    try:
        pymongo.MongoClient("127.0.0.1", 1, serverSelectionTimeoutMS=100).admin.command("ping")
    except pymongo.errors.PyMongoError as error:
        return [type(error).__name__, read]
