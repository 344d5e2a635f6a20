# requires: pypdf==7.1.1
# answers: [2, 200]
import io

from pypdf import PdfReader, PdfWriter


def handler(event, context):
    writer = PdfWriter()
    writer.add_blank_page(200, 300)
    writer.add_blank_page(200, 300)
    writer.write(buffer := io.BytesIO())
    pages = PdfReader(buffer).pages
    return [len(pages), int(pages[0].mediabox.width)]
