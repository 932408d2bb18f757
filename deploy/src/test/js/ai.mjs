import assert from 'node:assert/strict';
import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import { APICallError, embed, generateText, streamText } from 'ai';
import { check, key, thrownBy, url } from './check.mjs';

const headrace = createOpenAICompatible({ name: 'headrace', baseURL: `${url}/v1`, apiKey: key });

for (const model of ['real', 'simulated']) {
  await check(`text ${model}`, async () => {
    const { text, usage } = await generateText({
      model: headrace(model),
      prompt: 'hello',
      maxOutputTokens: 12,
    });
    assert.ok(text.length > 0);
    assert.equal(usage.outputTokens, 12);
  });

  await check(`stream ${model}`, async () => {
    const { textStream, finishReason } = streamText({
      model: headrace(model),
      prompt: 'hello',
      maxOutputTokens: 12,
    });
    let text = '';
    for await (const part of textStream) text += part;
    assert.ok(text.length > 0);
    assert.equal(await finishReason, 'length');
  });
}

await check('embedding', async () => {
  const { embedding } = await embed({ model: headrace.textEmbeddingModel('real'), value: 'hello' });
  assert.ok(embedding.length > 1);
});

await check('404 unknown model', async () => {
  const error = await thrownBy(() =>
    generateText({ model: headrace('nobody-serves-this'), prompt: 'hello' }),
  );
  assert.ok(APICallError.isInstance(error), `${error}`);
  assert.equal(error.statusCode, 404);
  assert.equal(error.isRetryable, false);
});

await check('a broken stream raises', async () => {
  let failure = null;
  const { fullStream } = streamText({
    model: headrace('dies-midway'),
    prompt: 'hello',
    maxOutputTokens: 64,
    onError: () => {},
  });
  for await (const part of fullStream) if (part.type === 'error') failure = part.error;
  assert.ok(failure, 'the stream told its failure');
});
