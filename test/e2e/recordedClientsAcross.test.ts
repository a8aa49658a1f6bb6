// What real client programs sent, served by vendors of another wire who read it as strictly as their published schema: nothing is refused that can be said.
import { readdirSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { marketKey } from '../rigs/Market.ts';
import { SandboxMarket } from '../rigs/SandboxMarket.ts';

interface Recorded {
  readonly recording: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Readonly<Record<string, unknown>>;
}

const folder = new URL('../fixtures/clients/', import.meta.url);
const recorded = readdirSync(folder).flatMap((file): Recorded[] =>
  JSON.parse(readFileSync(new URL(file, folder), 'utf8')),
);

/** Requests that hold what no other wire has a word for, as the client is told it. The SDK sends a refused thread again without it. */
const natives: Readonly<Record<string, string>> = {
  'lib-anthropic/04-request.json': 'thread_unsupported_request',
  'lib-anthropic/05-request.json': 'thread_unsupported_request',
};

const bodiesOf = (path: string): (readonly [string, Recorded])[] =>
  recorded
    .filter((one) => one.body !== undefined && one.path.split('?')[0] === path)
    .map((one) => [one.recording, one] as const);

let sandbox: SandboxMarket;

beforeAll(async () => {
  sandbox = await SandboxMarket.open();
});

afterAll(() => sandbox[Symbol.asyncDispose]());

const send = async ({ path, headers, body }: Recorded, model: string) => {
  const inPath = path.includes('/models/');
  const asked = inPath ? path.replace(/(\/models\/)[^:]+/, `$1${model}`) : path;
  const got = await fetch(`${sandbox.market.server.url}${asked}`, {
    method: 'POST',
    headers: {
      ...headers,
      ...(inPath ? { 'x-goog-api-key': marketKey } : { authorization: `Bearer ${marketKey}`, 'x-api-key': marketKey }),
    },
    body: JSON.stringify(inPath ? body : { ...body, model }),
  });
  return { status: got.status, error: got.headers.get('x-archipel-error'), text: await got.text() };
};

const expectServed = async (one: Recorded, model: string): Promise<void> => {
  const { status, error, text } = await send(one, model);
  const native = natives[one.recording];
  if (native === undefined) expect(status, text).toBe(200);
  else expect([status, error, text]).toEqual([400, 'unsupported_feature', expect.stringContaining(native)]);
};

describe('bodies of chats', () => {
  it.each(bodiesOf('/v1/chat/completions'))('%s is served over the anthropic wire', async (_, one) => {
    await expectServed(one, 'borealis-only');
  });
});

describe('bodies of responses', () => {
  const bodies = bodiesOf('/v1/responses');

  it.each(bodies)('%s is served over the openai wire', async (_, one) => {
    await expectServed(one, 'aurora-only');
  });

  it.each(bodies)('%s is served over the anthropic wire', async (_, one) => {
    await expectServed(one, 'borealis-only');
  });
});

describe('bodies of messages', () => {
  it.each(bodiesOf('/v1/messages'))('%s is served over the openai wire', async (_, one) => {
    await expectServed(one, 'aurora-only');
  });

  it.each(bodiesOf('/v1/messages/count_tokens'))('%s is counted', async (_, one) => {
    await expectServed(one, 'aurora-only');
  });
});

const contents = recorded
  .filter(({ path, body }) => body !== undefined && path.includes('/models/'))
  .map((one) => [one.recording, one] as const);

describe('bodies of contents', () => {
  it.each(contents)('%s is served, or counted, over the wires of both', async (_, one) => {
    for (const model of ['aurora-only', 'borealis-only']) await expectServed(one, model);
  });
});

it('are many, of each kind', () => {
  const counts = ['/v1/chat/completions', '/v1/messages', '/v1/messages/count_tokens', '/v1/responses'].map(
    (path) => bodiesOf(path).length,
  );
  expect([...counts, contents.length]).toEqual([26, 19, 3, 17, 6]);
});
