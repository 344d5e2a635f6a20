# requires: httpx[http2]==0.28.1
# answers: [200, "hello"]
import httpx

import threading
from http.server import BaseHTTPRequestHandler, HTTPServer


class Hello(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.send_header("content-length", "5")
        self.end_headers()
        self.wfile.write(b"hello")

    def log_message(self, *args):
        pass


def address():
    server = HTTPServer(("127.0.0.1", 0), Hello)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return f"http://127.0.0.1:{server.server_port}/"


def handler(event, context):
    with httpx.Client(http2=True) as client:
        answer = client.get(address())
    return [answer.status_code, answer.text]
