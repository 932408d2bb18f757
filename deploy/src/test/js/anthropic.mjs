import assert from 'node:assert/strict';
import Anthropic from '@anthropic-ai/sdk';
import { check, countingFetch, hello, key, thrownBy, url } from './check.mjs';

const client = new Anthropic({ baseURL: url, apiKey: key });
const ask = (model, extra = {}) => ({ model, messages: hello, max_tokens: 12, ...extra });

for (const model of ['real', 'simulated']) {
  await check(`message ${model}`, async () => {
    const answer = await client.messages.create(ask(model));
    assert.equal(answer.type, 'message');
    assert.ok(answer.content[0].text.length > 0);
    assert.equal(answer.usage.output_tokens, 12);
  });

  await check(`stream ${model}`, async () => {
    const stream = client.messages.stream(ask(model));
    let text = '';
    stream.on('text', (delta) => (text += delta));
    const whole = await stream.finalMessage();
    assert.ok(text.length > 0);
    assert.equal(whole.content[0].text, text);
    assert.equal(whole.stop_reason, 'max_tokens');
  });
}

await check('count tokens', async () => {
  const answer = await client.messages.countTokens({ model: 'real', messages: hello });
  assert.ok(answer.input_tokens > 0);
});

await check('401 wrong key', async () => {
  const stranger = new Anthropic({ baseURL: url, apiKey: 'sk-nobody' });
  const error = await thrownBy(() => stranger.messages.create(ask('real')));
  assert.ok(error instanceof Anthropic.AuthenticationError, `${error}`);
  assert.equal(error.error.error.type, 'authentication_error');
});

await check('404 unknown model', async () => {
  const error = await thrownBy(() => client.messages.create(ask('nobody-serves-this')));
  assert.ok(error instanceof Anthropic.NotFoundError, `${error}`);
  assert.equal(error.error.type, 'error');
  assert.equal(error.error.error.type, 'not_found_error');
});

// The second says 503 because it is overloaded: to this API's clients that is a rate limit.
for (const model of ['always-429', 'always-503']) {
  await check(`${model} is retried twice`, async () => {
    const counting = countingFetch();
    const counted = new Anthropic({ baseURL: url, apiKey: key, fetch: counting });
    const error = await thrownBy(() => counted.messages.create(ask(model)));
    assert.ok(error instanceof Anthropic.RateLimitError, `${error}`);
    assert.equal(counting.attempts, 3);
  });
}

await check('a broken stream raises', async () => {
  let events = 0;
  const error = await thrownBy(async () => {
    const stream = await client.messages.create(ask('dies-midway', { stream: true, max_tokens: 64 }));
    for await (const _ of stream) events++;
  });
  assert.ok(error instanceof Anthropic.APIError, `${error}`);
  assert.ok(events > 0, 'what came before the failure arrived');
});
