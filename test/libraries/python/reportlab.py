# requires: reportlab==5.1.0
# answers: ["%PDF-", 1]
import io

from reportlab.lib.styles import getSampleStyleSheet
from reportlab.platypus import Paragraph, SimpleDocTemplate


def handler(event, context):
    buffer = io.BytesIO()
    document = SimpleDocTemplate(buffer)
    document.build([Paragraph("hello", getSampleStyleSheet()["Normal"])])
    return [buffer.getvalue()[:5].decode(), document.page]
