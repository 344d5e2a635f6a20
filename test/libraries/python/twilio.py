# requires: twilio==9.13.0
# answers: "<Response><Message>hi</Message></Response>"
from twilio.twiml.messaging_response import MessagingResponse


def handler(event, context):
    response = MessagingResponse()
    response.message("hi")
    return str(response).split("?>")[1]
