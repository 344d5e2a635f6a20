# requires: argon2-cffi==25.1.0
# answers: true
from argon2 import PasswordHasher


def handler(event, context):
    hasher = PasswordHasher(time_cost=1, memory_cost=8192)
    return hasher.verify(hasher.hash("x"), "x")
