# requires: pydantic[email]==2.14.4
# answers: [["age"], "a@example.com"]
from pydantic import BaseModel, EmailStr, ValidationError


class User(BaseModel):
    email: EmailStr
    age: int = 1


def handler(event, context):
    try:
        User.model_validate({"email": "a@example.com", "age": "x"})
        places = []
    except ValidationError as error:
        places = [place for one in error.errors() for place in one["loc"]]
    return [places, User(email="a@example.com").email]
