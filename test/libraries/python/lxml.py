# requires: lxml==6.1.3
# answers: ["b", "<r><x>1</x></r>"]
from lxml import etree, html


def handler(event, context):
    link = html.fromstring("<p><a href='b'>x</a></p>").xpath("//a/@href")[0]
    return [str(link), etree.tostring(etree.fromstring("<r><x>1</x></r>")).decode()]
