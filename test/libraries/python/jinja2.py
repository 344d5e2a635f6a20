# requires: jinja2==3.1.6
# answers: "a &lt; b"
from jinja2 import Environment


def handler(event, context):
    return Environment(autoescape=True).from_string("a {{ x }} b").render(x="<")
