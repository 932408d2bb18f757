// What every program here shares: where the router is, and how a check's outcome is told.
// One line of JSON per check on standard output; the suite in Java reads them.
import { AssertionError } from 'node:assert';

export const url = process.env.HEADRACE_URL;
export const key = process.env.HEADRACE_KEY;

const tool = {
  type: 'function',
  function: {
    name: 'get_weather',
    description: 'The weather in a city',
    parameters: {
      type: 'object',
      properties: { city: { type: 'string', enum: ['Paris'] } },
      required: ['city'],
      additionalProperties: false,
    },
  },
};

// What makes the real engine's random model call the tool: a push to open one call, and to end after it.
export const callingATool = {
  tools: [tool],
  tool_choice: 'required',
  parallel_tool_calls: false,
  logit_bias: { 3: 90, 2: 100 },
};

export const hello = [{ role: 'user', content: 'hello' }];

export async function check(name, body) {
  let outcome = { check: name, ok: true };
  try {
    await body();
  } catch (error) {
    const text = error instanceof AssertionError ? error.message : `${error?.stack ?? error}`;
    outcome = { check: name, ok: false, detail: text };
  }
  process.stdout.write(JSON.stringify(outcome) + '\n');
}

// The error that the call throws; fails when it throws none.
export async function thrownBy(call) {
  try {
    await call();
  } catch (error) {
    return error;
  }
  throw new AssertionError({ message: 'expected the call to fail, but it succeeded' });
}

// A fetch that counts the attempts that a client makes.
export function countingFetch() {
  const counting = (...args) => {
    counting.attempts++;
    return fetch(...args);
  };
  counting.attempts = 0;
  return counting;
}
