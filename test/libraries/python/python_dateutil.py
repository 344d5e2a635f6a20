# requires: python-dateutil==4.0.0 tzdata==2026.6
# answers: ["2026-03-29T03:30:00+02:00", 2]
from datetime import datetime
from zoneinfo import ZoneInfo

from dateutil import parser, rrule


def handler(event, context):
    moment = datetime.fromisoformat("2026-03-29T01:30:00+00:00").astimezone(ZoneInfo("Europe/Berlin"))
    days = list(rrule.rrule(rrule.DAILY, count=2, dtstart=parser.parse("2026-01-02")))
    return [moment.isoformat(), len(days)]
