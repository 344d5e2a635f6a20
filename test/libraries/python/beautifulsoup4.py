# requires: beautifulsoup4==4.15.0
# answers: ["x", "y"]
from bs4 import BeautifulSoup


def handler(event, context):
    return [one.get_text(strip=True) for one in BeautifulSoup("<p>x</p><p> y</p>", "html.parser").select("p")]
