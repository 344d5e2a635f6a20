# requires: marshmallow==4.4.0
# answers: {"name": ["Missing data for required field."]}
from marshmallow import Schema, fields


class User(Schema):
    name = fields.Str(required=True)


def handler(event, context):
    return User().validate({})
