# requires: pyjwt[crypto]==2.15.1
# answers: {"sub": "ann"}
import jwt
from cryptography.hazmat.primitives.asymmetric import rsa


def handler(event, context):
    key = rsa.generate_private_key(65537, 2048)
    return jwt.decode(jwt.encode({"sub": "ann"}, key, "RS256"), key.public_key(), ["RS256"])
