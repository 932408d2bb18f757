import assert from 'node:assert/strict';
import OpenAI from 'openai';
import { callingATool, check, countingFetch, hello, key, thrownBy, url } from './check.mjs';

const baseURL = `${url}/v1`;
const client = new OpenAI({ baseURL, apiKey: key });
const chat = (model, extra = {}) => ({ model, messages: hello, max_tokens: 12, ...extra });

for (const model of ['real', 'simulated']) {
  await check(`chat ${model}`, async () => {
    const answer = await client.chat.completions.create(chat(model));
    assert.equal(answer.object, 'chat.completion');
    assert.ok(answer.choices[0].message.content.length > 0);
    assert.equal(answer.usage.completion_tokens, 12);
    assert.ok(answer._request_id, 'x-request-id is told');
  });

  await check(`stream ${model}`, async () => {
    const stream = await client.chat.completions.create(chat(model, { stream: true }));
    let text = '';
    let finish = null;
    for await (const chunk of stream) {
      assert.equal(chunk.usage ?? null, null, 'no usage unless asked for');
      assert.ok(Array.isArray(chunk.choices) && chunk.choices.length > 0);
      text += chunk.choices[0].delta?.content ?? '';
      finish = chunk.choices[0].finish_reason ?? finish;
    }
    assert.ok(text.length > 0);
    assert.equal(finish, 'length');
  });

  await check(`stream with usage ${model}`, async () => {
    const stream = await client.chat.completions.create(
      chat(model, { stream: true, stream_options: { include_usage: true } }),
    );
    let last;
    for await (const chunk of stream) last = chunk;
    assert.deepEqual(last.choices, []);
    assert.equal(last.usage.completion_tokens, 12);
  });

  await check(`stream helper ${model}`, async () => {
    const runner = client.chat.completions.stream(chat(model));
    const whole = await runner.finalChatCompletion();
    assert.ok(whole.choices[0].message.content.length > 0);
  });

  await check(`embeddings ${model}`, async () => {
    const answer = await client.embeddings.create({ model, input: ['hello', 'water'] });
    assert.equal(answer.data.length, 2);
    assert.ok(answer.data[0].embedding.length > 1);
    assert.ok(answer.data[0].embedding.every((value) => Number.isFinite(value)));
    assert.ok(answer.data[0].embedding.some((value) => value !== 0));
  });

  await check(`completions ${model}`, async () => {
    const answer = await client.completions.create({ model, prompt: 'hello', max_tokens: 5 });
    assert.ok(answer.choices[0].text.length > 0);
  });
}

await check('tools', async () => {
  const answer = await client.chat.completions.create(
    chat('real', { ...callingATool, max_tokens: 400 }),
  );
  const [call] = answer.choices[0].message.tool_calls;
  assert.equal(answer.choices[0].finish_reason, 'tool_calls');
  assert.equal(call.function.name, 'get_weather');
  assert.deepEqual(JSON.parse(call.function.arguments), { city: 'Paris' });
});

await check('tools in a stream', async () => {
  const runner = client.chat.completions.stream(
    chat('real', { ...callingATool, max_tokens: 400 }),
  );
  const whole = await runner.finalChatCompletion();
  const [call] = whole.choices[0].message.tool_calls;
  assert.equal(call.function.name, 'get_weather');
  assert.deepEqual(JSON.parse(call.function.arguments), { city: 'Paris' });
});

await check('responses', async () => {
  const answer = await client.responses.create({ model: 'real', input: 'hello', max_output_tokens: 8 });
  assert.ok(answer.output_text.length > 0);
});

await check('responses in a stream', async () => {
  const stream = await client.responses.create({
    model: 'real',
    input: 'hello',
    max_output_tokens: 8,
    stream: true,
  });
  const kinds = [];
  for await (const event of stream) kinds.push(event.type);
  assert.equal(kinds[0], 'response.created');
  assert.equal(kinds.at(-1), 'response.completed');
});

await check('model list', async () => {
  const ids = [];
  for await (const model of client.models.list()) ids.push(model.id);
  assert.ok(ids.includes('real') && ids.includes('simulated'), `${ids}`);
  const one = await client.models.retrieve('real');
  assert.equal(one.id, 'real');
  assert.equal(one.object, 'model');
});

await check('alias', async () => {
  const answer = await client.chat.completions.create(chat('gpt-4o-mini'));
  assert.ok(answer.choices[0].message.content.length > 0);
});

await check('401 wrong key', async () => {
  const stranger = new OpenAI({ baseURL, apiKey: 'sk-nobody' });
  const error = await thrownBy(() => stranger.chat.completions.create(chat('real')));
  assert.ok(error instanceof OpenAI.AuthenticationError, `${error}`);
  assert.equal(error.code, 'invalid_api_key');
});

await check('404 unknown model', async () => {
  const error = await thrownBy(() => client.chat.completions.create(chat('nobody-serves-this')));
  assert.ok(error instanceof OpenAI.NotFoundError, `${error}`);
  assert.equal(error.code, 'model_not_found');
  assert.equal(error.param, 'model');
  assert.ok(error.requestID);
});

await check('400 context too long', async () => {
  const long = [{ role: 'user', content: 'word '.repeat(4000) }];
  const counting = countingFetch();
  const counted = new OpenAI({ baseURL, apiKey: key, fetch: counting });
  const error = await thrownBy(() => counted.chat.completions.create(chat('real', { messages: long })));
  assert.ok(error instanceof OpenAI.BadRequestError, `${error}`);
  assert.equal(counting.attempts, 1);
});

for (const [model, kind] of [
  ['always-429', OpenAI.RateLimitError],
  ['always-503', OpenAI.InternalServerError],
]) {
  await check(`${model} is retried twice`, async () => {
    const counting = countingFetch();
    const counted = new OpenAI({ baseURL, apiKey: key, fetch: counting });
    const error = await thrownBy(() => counted.chat.completions.create(chat(model)));
    assert.ok(error instanceof kind, `${error}`);
    assert.equal(counting.attempts, 3);
  });
}

await check('a broken stream raises', async () => {
  let chunks = 0;
  const error = await thrownBy(async () => {
    const stream = await client.chat.completions.create(
      chat('dies-midway', { stream: true, max_tokens: 64 }),
    );
    for await (const _ of stream) chunks++;
  });
  assert.ok(error instanceof OpenAI.APIError, `${error}`);
  assert.ok(chunks > 0, 'what came before the failure arrived');
});
