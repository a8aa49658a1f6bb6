import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { answersFirst, evilNames, EvilVendor, streamBreakNames } from './EvilVendor.ts';
import { NaiveClient, type NaiveAnswer } from './NaiveClient.ts';

let vendor: EvilVendor;
beforeAll(async () => {
  vendor = await EvilVendor.open();
});
afterAll(() => vendor[Symbol.asyncDispose]());

const paths = { openai: '/v1/chat/completions', anthropic: '/v1/messages' } as const;

/** Longer than a machine that has much to do leaves it without an answer that comes. */
const msMax = 1_000;

const ask = (client: NaiveClient, url: string, wire: keyof typeof paths, stream: boolean, caller = 1) =>
  client.ask(JSON.stringify({ stream, content: `caller-${caller}` }), new URL(url).pathname + paths[wire]);

const isGood = ({ end, status, body }: NaiveAnswer, caller: number): boolean =>
  end === 'whole' && status === 200 && new RegExp(`to caller-${caller}["\\b]`).test(body);

/** Bytes beyond this out of an answer to one question are more than anybody can use. */
const decodedBytesMax = 1_000_000;

describe.each(evilNames.filter((evil) => !answersFirst.has(evil)))('%s', (evil) => {
  test.each([
    ['openai', false],
    ['anthropic', true],
  ] as const)('hurts a naive client (%s, stream: %s)', async (wire, stream) => {
    // Where nothing comes, that is certain from the start.
    const client = new NaiveClient(vendor.origin, { msMax: 60, bytesMax: 400_000 });
    const answer = await ask(client, vendor.url(evil), wire, stream);
    client.close();
    expect(isGood(answer, 1) && answer.decodedBytes < decodedBytesMax).toBe(false);
    expect(vendor.done.get(evil)).toBeGreaterThan(0);
  });
});

test.each([...answersFirst])(
  '%s: the next caller of a naive client gets what was said to the one before [A9]',
  async (evil) => {
    const client = new NaiveClient(vendor.origin, { msMax });
    expect(isGood(await ask(client, vendor.url(evil), 'openai', false), 1)).toBe(true);
    // Until what nobody asked for has come.
    while (client.text === '') await new Promise((done) => setImmediate(done));
    const second = await ask(client, vendor.url(evil), 'openai', false, 2);
    client.close();
    expect(second.body).toContain('to caller-1-twice');
  },
);

test.each(streamBreakNames)('a stream that breaks by %s begins well and never becomes whole', async (how) => {
  const client = new NaiveClient(vendor.origin, { msMax: 60, bytesMax: 400_000 });
  const answer = await ask(client, vendor.breakUrl(how), 'openai', true);
  client.close();
  expect(answer.body).toContain('to caller-1');
  expect(answer.body).not.toContain('[DONE]');
});
