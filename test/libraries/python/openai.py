# requires: openai==3.57.0
# answers: "APIConnectionError"
import openai


def handler(event, context):
    client = openai.OpenAI(api_key="x", base_url="http://127.0.0.1:1", max_retries=0)
    try:
        client.chat.completions.create(model="m", messages=[{"role": "user", "content": "x"}])
    except openai.OpenAIError as error:
        return type(error).__name__
