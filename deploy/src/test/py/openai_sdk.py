"""The official Python client library, unchanged, against the router.

Prints one line of JSON per check; the suite in Java reads them.
"""

import json
import os
import traceback

import openai

URL = os.environ["HEADRACE_URL"] + "/v1"
KEY = os.environ["HEADRACE_KEY"]
HELLO = [{"role": "user", "content": "hello"}]
TOOL = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "description": "The weather in a city",
        "parameters": {
            "type": "object",
            "properties": {"city": {"type": "string", "enum": ["Paris"]}},
            "required": ["city"],
            "additionalProperties": False,
        },
    },
}
# What makes the real engine's random model call the tool: a push to open one call, and to
# end after it.
CALLING_A_TOOL = {
    "tools": [TOOL],
    "tool_choice": "required",
    "parallel_tool_calls": False,
    "logit_bias": {"3": 90, "2": 100},
    "max_tokens": 400,
}

client = openai.OpenAI(base_url=URL, api_key=KEY)


def check(name):
    """Runs the decorated function now and tells how it went."""

    def run(body):
        outcome = {"check": name, "ok": True}
        try:
            body()
        except Exception:  # the outcome is the point
            outcome = {"check": name, "ok": False, "detail": traceback.format_exc()}
        print(json.dumps(outcome), flush=True)

    return run


def raised(kind, call):
    try:
        call()
    except kind as error:
        return error
    raise AssertionError(f"expected {kind.__name__}, but the call succeeded")


def chat(model, on=client, **extra):
    return on.chat.completions.create(
        **{"model": model, "messages": HELLO, "max_tokens": 12, **extra}
    )


for model in ("real", "simulated"):

    @check(f"chat {model}")
    def _():
        answer = chat(model)
        assert answer.choices[0].message.content
        assert answer.usage.completion_tokens == 12, answer.usage
        assert answer._request_id

    @check(f"stream {model}")
    def _():
        text, finish = "", None
        for chunk in chat(model, stream=True):
            assert chunk.usage is None, "no usage unless asked for"
            assert chunk.choices
            text += chunk.choices[0].delta.content or ""
            finish = chunk.choices[0].finish_reason or finish
        assert text
        assert finish == "length", finish

    @check(f"stream with usage {model}")
    def _():
        last = None
        for last in chat(model, stream=True, stream_options={"include_usage": True}):
            pass
        assert last.choices == [], last
        assert last.usage.completion_tokens == 12, last.usage

    @check(f"stream helper {model}")
    def _():
        with client.chat.completions.stream(
            model=model, messages=HELLO, max_tokens=12
        ) as stream:
            for event in stream:
                assert event.type
            assert stream.current_completion_snapshot.choices[0].message.content

    @check(f"embeddings {model}")
    def _():
        answer = client.embeddings.create(model=model, input=["hello", "water"])
        assert len(answer.data) == 2
        assert len(answer.data[0].embedding) > 1
        assert any(value != 0 for value in answer.data[0].embedding)

    @check(f"completions {model}")
    def _():
        answer = client.completions.create(model=model, prompt="hello", max_tokens=5)
        assert answer.choices[0].text


@check("tools")
def _():
    answer = chat("real", **CALLING_A_TOOL)
    choice = answer.choices[0]
    assert choice.finish_reason == "tool_calls", choice
    call = choice.message.tool_calls[0]
    assert call.function.name == "get_weather"
    assert json.loads(call.function.arguments) == {"city": "Paris"}


@check("tools in a stream")
def _():
    arguments, name = "", None
    for chunk in chat("real", stream=True, **CALLING_A_TOOL):
        for call in chunk.choices[0].delta.tool_calls or []:
            assert call.index == 0
            name = call.function.name or name
            arguments += call.function.arguments or ""
    assert name == "get_weather"
    assert json.loads(arguments) == {"city": "Paris"}


@check("responses")
def _():
    answer = client.responses.create(model="real", input="hello", max_output_tokens=8)
    assert answer.output_text


@check("responses in a stream")
def _():
    stream = client.responses.create(
        model="real", input="hello", max_output_tokens=8, stream=True
    )
    kinds = [event.type for event in stream]
    assert kinds[0] == "response.created", kinds
    assert kinds[-1] == "response.completed", kinds


@check("model list")
def _():
    ids = [model.id for model in client.models.list()]
    assert "real" in ids and "simulated" in ids, ids
    assert client.models.retrieve("real").id == "real"


@check("alias")
def _():
    assert chat("gpt-4o-mini").choices[0].message.content


@check("401 wrong key")
def _():
    stranger = openai.OpenAI(base_url=URL, api_key="sk-nobody")
    error = raised(openai.AuthenticationError, lambda: chat("real", on=stranger))
    assert error.code == "invalid_api_key", error.body


@check("404 unknown model")
def _():
    error = raised(openai.NotFoundError, lambda: chat("nobody-serves-this"))
    assert error.code == "model_not_found", error.body
    assert error.param == "model", error.body
    assert error.request_id


@check("400 context too long")
def _():
    long = [{"role": "user", "content": "word " * 4000}]
    raised(openai.BadRequestError, lambda: chat("real", messages=long))


def attempts_on(model, kind):
    """How often the library asked before it gave up: it numbers its retries in a header."""
    error = raised(kind, lambda: chat(model))
    return 1 + int(error.response.request.headers["x-stainless-retry-count"])


@check("always-429 is retried twice")
def _():
    assert attempts_on("always-429", openai.RateLimitError) == 3


@check("always-503 is retried twice")
def _():
    assert attempts_on("always-503", openai.InternalServerError) == 3


@check("a broken stream raises")
def _():
    chunks = 0

    def read():
        nonlocal chunks
        for _ in chat("dies-midway", stream=True, max_tokens=64):
            chunks += 1

    raised(openai.APIError, read)
    assert chunks > 0, "what came before the failure arrived"
