import { assert, expect, test } from 'vitest';
import OpenAI from 'openai';
import { removeServer } from '../rigs/removeServer.ts';
import { startServer } from '../rigs/startServer.ts';

/** Binary of the oldest Node; CI installs it, a laptop may do without. */
const node = process.env['ARCHIPEL_OLDEST_NODE'];
const isMissing = node === undefined && process.env['CI'] === undefined;
if (isMissing) process.stderr.write('skipped: set ARCHIPEL_OLDEST_NODE to the binary of a Node 24\n');

test.skipIf(isMissing)('the program starts, answers and stops on the oldest Node that it supports', async () => {
  assert(node !== undefined, 'CI installs the oldest Node');
  const server = await startServer({ node });
  try {
    const client = new OpenAI({ baseURL: `${server.url}/v1`, apiKey: server.key ?? '' });
    const answer = await client.chat.completions.create({
      model: 'chat-large',
      messages: [{ role: 'user', content: 'Hello' }],
    });
    expect(answer.choices[0]?.message.content).not.toBe('');
    expect(await server.stop()).toBe(0);
  } finally {
    await removeServer(server);
  }
});
