import os


def handler(event, context):
    name = (event.get("pathParameters") or {}).get("name", "world")
    print(f"greeting {name}")
    return {"message": f"{os.environ.get('GREETING', 'Hello')}, {name}!"}
