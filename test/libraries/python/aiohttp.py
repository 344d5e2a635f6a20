# requires: aiohttp==3.14.5
# answers: [200, "hello"]
import asyncio

import aiohttp

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


async def fetch():
    async with aiohttp.ClientSession() as session:
        async with session.get(address()) as answer:
            return [answer.status, await answer.text()]


def handler(event, context):
    return asyncio.run(fetch())
