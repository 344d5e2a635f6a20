# requires: bcrypt==5.0.0
# answers: [true, false]
import bcrypt


def handler(event, context):
    hashed = bcrypt.hashpw(b"x", bcrypt.gensalt(4))
    return [bcrypt.checkpw(b"x", hashed), bcrypt.checkpw(b"y", hashed)]
