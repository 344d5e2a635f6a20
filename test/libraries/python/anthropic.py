# requires: anthropic==2.14.0
# answers: "APIConnectionError"
import anthropic


def handler(event, context):
    client = anthropic.Anthropic(api_key="x", base_url="http://127.0.0.1:1", max_retries=0)
    try:
        client.messages.create(model="m", max_tokens=1, messages=[{"role": "user", "content": "x"}])
    except anthropic.AnthropicError as error:
        return type(error).__name__
