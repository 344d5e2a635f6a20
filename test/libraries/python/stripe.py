# requires: stripe==16.1.0
# answers: ["evt_1", "SignatureVerificationError"]
import hashlib
import hmac
import json
import time

import stripe


def handler(event, context):
    body = json.dumps({"id": "evt_1", "object": "event", "type": "charge.succeeded", "data": {"object": {}}})
    now = int(time.time())
    sign = hmac.new(b"secret", f"{now}.{body}".encode(), hashlib.sha256).hexdigest()
    made = stripe.Webhook.construct_event(body, f"t={now},v1={sign}", "secret")
    try:
        stripe.Webhook.construct_event(body, f"t={now},v1=00", "secret")
    except stripe.SignatureVerificationError as error:
        return [made["id"], type(error).__name__]
