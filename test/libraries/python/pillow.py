# requires: pillow==13.0.0
# needs: 3.12
# answers: ["PNG", [20, 10], true]
import io

from PIL import Image, ImageDraw, ImageFont


def handler(event, context):
    image = Image.new("RGB", (40, 20), "red")
    ImageDraw.Draw(image).text((2, 2), "x", font=ImageFont.load_default(12))
    buffer = io.BytesIO()
    image.resize((20, 10)).save(buffer, "JPEG")
    image.thumbnail((20, 10))
    image.save(buffer := io.BytesIO(), "PNG")
    read = Image.open(io.BytesIO(buffer.getvalue()))
    return [read.format, list(read.size), len(buffer.getvalue()) > 50]
