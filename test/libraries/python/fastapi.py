# requires: fastapi==0.165.0 mangum==0.22.0
# answers: [200, {"id": 7}]
import json

from fastapi import FastAPI
from mangum import Mangum

app = FastAPI()


@app.get("/items/{id}")
async def item(id: int):
    return {"id": id}


call = Mangum(app, lifespan="off")


def handler(event, context):
    request = {
        "version": "2.0",
        "rawPath": "/items/7",
        "rawQueryString": "",
        "headers": {"host": "localhost"},
        "requestContext": {"http": {"method": "GET", "path": "/items/7", "sourceIp": "127.0.0.1"}},
        "isBase64Encoded": False,
    }
    answer = call(request, context)
    return [answer["statusCode"], json.loads(answer["body"])]
