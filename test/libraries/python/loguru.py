# requires: loguru==0.7.3
# answers: "INFO saved 1"
import io

from loguru import logger

out = io.StringIO()
logger.remove()
logger.add(out, format="{level} {message}")


def handler(event, context):
    logger.info("saved {}", 1)
    return out.getvalue().strip()
