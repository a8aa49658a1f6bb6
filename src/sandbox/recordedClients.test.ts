// What real client programs were recorded to send is taken by the vendors, word for word.
import { readdirSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openTestSandbox } from './openTestSandbox.fixture.ts';
import type { PlainAnswer, TestSandbox } from './openTestSandbox.fixture.ts';
import { sandboxCredential } from './startSandbox.ts';

interface Recording {
  readonly recording: string;
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Readonly<Record<string, unknown>>;
}

const folder = new URL('../../test/fixtures/clients/', import.meta.url);
const recordings: readonly Recording[] = readdirSync(folder)
  .filter((file) => file.endsWith('.json'))
  .flatMap((file): readonly Recording[] => JSON.parse(readFileSync(new URL(file, folder), 'utf8')))
  // No vendor of the sandbox speaks the wire of those who name the model in the path, nor that of responses.
  .filter(({ headers, path }) => headers['x-goog-api-key'] === undefined && path !== '/v1/responses');

let opened: TestSandbox;
beforeAll(async () => {
  opened = await openTestSandbox();
});
afterAll(() => opened[Symbol.asyncDispose]());

/** The recorded header, with the vendors' credential in place of the fake one, wherever the client carries it. */
const withCredential = (headers: Recording['headers']): Record<string, string> => ({
  ...headers,
  ...(headers['authorization'] === undefined ? {} : { authorization: `Bearer ${sandboxCredential}` }),
  ...(headers['x-api-key'] === undefined ? {} : { 'x-api-key': sandboxCredential }),
});

const send = async ({ method, path, headers, body }: Recording): Promise<PlainAnswer> => {
  const vendor = headers['anthropic-version'] === undefined ? 'aurora' : 'borealis';
  const model = path.startsWith('/v1/embeddings') ? 'embed-small' : 'chat-large';
  const response = await fetch(`${opened.url(vendor)}${path}`, {
    method,
    headers: withCredential(headers),
    ...(body === undefined ? {} : { body: JSON.stringify({ ...body, model }) }),
  });
  return { status: response.status, headers: response.headers, text: await response.text() };
};

/** Continuing a conversation that this vendor does not hold is told apart below. */
const isContinuing = ({ body }: Recording): boolean => JSON.stringify(body?.['thread'] ?? null).includes('"continue"');

describe('a vendor takes', () => {
  test('all of more than 40 recordings of each kind of client', () => {
    expect(recordings.length).toBeGreaterThan(40);
  });

  test.each(recordings.filter((one) => !isContinuing(one)))('what is recorded in $recording', async (recording) => {
    const answer = await send(recording);
    expect(answer.status, answer.text).toBe(200);
    if (recording.body?.['stream'] === true) {
      expect(answer.headers.get('content-type')).toMatch(/^text\/event-stream/);
      expect(answer.text).toMatch(/data: \[DONE\]\n\n$|event: message_stop\ndata: .*\n\n$/);
    } else {
      expect(JSON.parse(answer.text)).toBeTypeOf('object');
    }
  });

  test('a recorded continuation of the thread that it holds, and of no other', async () => {
    const creating = recordings.find(({ recording }) => recording === 'lib-anthropic/04-request.json')!;
    const continuing = recordings.find(isContinuing)!;
    expect(await send(continuing)).toMatchObject({
      status: 404,
      text: expect.stringContaining('"error_code":"thread_not_found"'),
    });
    const first = JSON.parse((await send(creating)).text);
    const use = first.content.find((block: { readonly type: string }) => block.type === 'tool_use');
    const body = JSON.parse(
      JSON.stringify(continuing.body).replaceAll('msg_fake4', first.id).replaceAll('toolu_1', use.id),
    );
    const second = await send({ ...continuing, body });
    expect(second.status, second.text).toBe(200);
    expect(second.text).toContain('get_weather answered: sunny Paris');
  });

  test("a client's call for its shell only as something harmless", async () => {
    const asking = recordings.find(({ recording }) => recording === 'claude-code/01-request.json')!;
    const answer = await send(asking);
    const json = [...answer.text.matchAll(/"partial_json":"((?:[^"\\]|\\.)*)"/g)]
      .map(([, part]) => JSON.parse(`"${part}"`))
      .join('');
    expect(answer.text).toContain('"name":"Bash"');
    expect(JSON.parse(json)).toMatchObject({ command: expect.stringMatching(/^echo \p{L}+$/u) });
  });
});
