# requires: flask==3.1.3 apig-wsgi==2.20.0
# answers: [200, "hello Ann"]
from apig_wsgi import make_lambda_handler
from flask import Flask, render_template_string

app = Flask(__name__)


@app.get("/hello/<name>")
def hello(name):
    return render_template_string("hello {{ name }}", name=name)


call = make_lambda_handler(app)


def handler(event, context):
    request = {
        "version": "2.0",
        "rawPath": "/hello/Ann",
        "rawQueryString": "",
        "headers": {"host": "localhost"},
        "requestContext": {"http": {"method": "GET", "path": "/hello/Ann", "protocol": "HTTP/1.1", "sourceIp": "127.0.0.1"}},
        "isBase64Encoded": False,
    }
    answer = call(request, context)
    return [answer["statusCode"], answer["body"]]
