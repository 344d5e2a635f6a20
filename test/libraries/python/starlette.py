# requires: starlette==1.10.0 mangum==0.22.0
# answers: [200, {"id": 7}]
import json

from mangum import Mangum
from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Route


async def item(request):
    return JSONResponse({"id": int(request.path_params["id"])})


call = Mangum(Starlette(routes=[Route("/items/{id:int}", item)]), lifespan="off")


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
