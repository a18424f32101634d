"""Asks models by the openai and anthropic packages, whole and streamed. Prints what each said, as JSON.

usage: model_clients.py openai|anthropic URL. TOKEN: the client's token.
"""
import json
import os
import sys

import anthropic
import openai

KIND, URL, TOKEN = sys.argv[1], sys.argv[2], os.environ["TOKEN"]
PROMPT = "Write to Ann, 219-09-9999, please."


def by_openai():
    client = openai.OpenAI(base_url=URL + "/v1", api_key=TOKEN, max_retries=0, timeout=60)
    messages = [{"role": "user", "content": PROMPT}, {"role": "tool", "tool_call_id": "x", "content": "{\"ssn\": \"219-09-9999\"}"}]
    got = client.chat.completions.create(model="m", messages=messages)
    yield "chat", got.choices[0].message.content, got.choices[0].message.tool_calls[0].function.arguments, got.usage.completion_tokens
    text, arguments, tokens = "", "", 0
    for chunk in client.chat.completions.create(model="m", messages=messages, stream=True, stream_options={"include_usage": True}):
        for choice in chunk.choices:
            text += choice.delta.content or ""
            for call in choice.delta.tool_calls or []:
                arguments += call.function.arguments or ""
        tokens = chunk.usage.completion_tokens if chunk.usage else tokens
    yield "chat, streamed", text, arguments, tokens
    got = client.responses.create(model="m", input=PROMPT)
    yield "responses", got.output_text, None, got.usage.output_tokens
    text = ""
    with client.responses.stream(model="m", input=PROMPT) as stream:
        for event in stream:
            if event.type == "response.output_text.delta":
                text += event.delta
        final = stream.get_final_response()
    assert final.output_text == text, (final.output_text, text)
    yield "responses, streamed", text, None, final.usage.output_tokens


def by_anthropic():
    client = anthropic.Anthropic(base_url=URL, auth_token=TOKEN, api_key=None, max_retries=0, timeout=60)
    asked = {"model": "m", "max_tokens": 100, "messages": [{"role": "user", "content": PROMPT}]}
    got = client.messages.create(**asked)
    yield "messages", got.content[0].text, json.dumps(got.content[1].input), got.usage.output_tokens
    with client.messages.stream(**asked) as stream:
        text = "".join(stream.text_stream)
        final = stream.get_final_message()
    assert final.content[0].text == text, (final.content[0].text, text)
    yield "messages, streamed", text, json.dumps(final.content[1].input), final.usage.output_tokens


makers = {"openai": by_openai, "anthropic": by_anthropic}
print(json.dumps([{"what": what, "text": text, "arguments": arguments, "tokens": tokens} for what, text, arguments, tokens in makers[KIND]()]))
