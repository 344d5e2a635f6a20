# requires: openpyxl==3.1.5
# answers: [["a", 1]]
import io

from openpyxl import Workbook, load_workbook


def handler(event, context):
    book = Workbook()
    book.active.append(["a", 1])
    book.save(buffer := io.BytesIO())
    return [list(row) for row in load_workbook(buffer).active.values]
