import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest';
import { silentLog, silentMetrics, type LogFields } from '../../kernel/index.ts';
import { clientWires, matchRoute, takesAsItIs, translate, wires, type TranslationJobs } from '../../wire/index.ts';
import { Abandonment } from '../Abandonment.ts';
import { TranslationThread, type TranslationThreadOptions } from './TranslationThread.ts';

const opened: TranslationThread[] = [];
afterEach(async () => {
  for (const thread of opened.splice(0)) await thread.close();
});

/** The real one takes its time to start: one serves all who need it. */
const real = new TranslationThread({ log: silentLog, metrics: silentMetrics });
afterAll(() => real.close());

const faulty = new URL('./faultyWorker.fixture.ts', import.meta.url);

const open = (options: Partial<TranslationThreadOptions> = {}) => {
  const errors: (readonly [event: string, fields: LogFields])[] = [];
  const log = {
    debug() {},
    info() {},
    warn() {},
    error: (event: string, fields: LogFields = {}) => void errors.push([event, fields]),
  };
  const thread = new TranslationThread({ log, metrics: silentMetrics, ...options });
  opened.push(thread);
  return { thread, errors };
};

const bytesOf = (value: unknown): Uint8Array => Buffer.from(JSON.stringify(value));

const chat = (text: string) => ({ model: 'm', messages: [{ role: 'user', content: text }] });
const counting = (text: string): TranslationJobs['count'] => ({
  client: 'openai',
  words: null,
  body: bytesOf(chat(text)),
});

const place = { boundary: 'vendor/main/-', model: 'm' };
const given = {
  requestId: '0199',
  createdAtS: 1_700_000_000,
  inputEstimateTokens: 12,
  usageAsked: true,
  sealedAt: place,
};
const target = { ...place, outputTokensMax: 4_096, reasoning: true, unsupported: [] };

const answering = (text: string): TranslationJobs['answer'] => {
  const asked = translate('request', { ...counting('hi'), wire: 'anthropic', target, frame: given });
  if (!asked.ok) throw new Error(asked.fault.message);
  const { facts, frame } = asked.value;
  const content = [{ type: 'text', text }];
  const usage = { input_tokens: 1, output_tokens: 1 };
  const body = bytesOf({
    id: 'msg_1',
    type: 'message',
    role: 'assistant',
    model: 'm',
    content,
    stop_reason: 'end_turn',
    usage,
  });
  return { client: 'openai', wire: 'anthropic', facts, frame, body };
};

const wanted = { model: 'm', encoding: 'float', dimensions: null, inputEstimateTokens: 7, texts: 1 } as const;

const embedding = (text: string): TranslationJobs['embed'] => ({
  client: 'openai',
  wire: 'gemini',
  target,
  inputEstimateTokens: 7,
  body: bytesOf({ model: 'm', input: text }),
});

const showing = (vector: readonly number[], encoding: 'float' | 'base64' = 'float'): TranslationJobs['vectors'] => ({
  client: 'openai',
  wire: 'bedrock',
  frame: { ...wanted, encoding },
  headers: { 'x-amzn-bedrock-input-token-count': '3' },
  body: bytesOf({ embeddings: { float: [vector] } }),
});

/** As it is after a way between threads: all bytes are plain ones. */
const plain = <Value>(value: Value): Value => structuredClone(value);

interface Recorded {
  readonly method: string;
  readonly path: string;
  readonly body?: unknown;
}

const clients = new URL('../../../test/fixtures/clients/', import.meta.url);

/** The longest request of each real client, by its wire. */
const longest = readdirSync(clients).flatMap((file) => {
  const recorded = JSON.parse(readFileSync(new URL(file, clients), 'utf8')) as readonly Recorded[];
  const asked = recorded.flatMap(({ method, path, body }) => {
    const match = matchRoute(method, path.split('?')[0] ?? '', {}, '');
    return match.kind === 'route' && match.route.operation === 'generate' && body !== undefined
      ? [{ file, wire: match.wire, words: match.words, body: bytesOf(body) }]
      : [];
  });
  return asked.toSorted((one, other) => other.body.length - one.body.length).slice(0, 1);
});

const pairs = longest.flatMap(({ file, wire: client, words, body }) =>
  [...wires.values()]
    .filter((wire) => !takesAsItIs(wire, client))
    .map(
      (wire) => [file, wire.name, { client: client.name, words, body, wire: wire.name, target, frame: given }] as const,
    ),
);

describe('what another thread translates', () => {
  it('is of every wire that clients speak', () => {
    expect(new Set(longest.map(({ wire }) => wire))).toEqual(new Set(clientWires.values()));
  });

  it('is byte for byte what this one makes of it, for every client and wire', async () => {
    let translated = 0;
    for (const [file, wire, job] of pairs) {
      const here = translate('request', job);
      const there = await real.translate('request', job, null);
      expect([file, wire, plain(there)]).toEqual([file, wire, plain({ ok: true, value: here })]);
      if (here.ok) translated += 1;
    }
    expect(translated).toBeGreaterThan(20);
  });

  it('is the same whatever is said', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'binary' }), fc.string(), async (text, more) => {
        const job = { ...counting(text + more), wire: 'gemini', target, frame: given };
        expect(plain(await real.translate('request', job, null))).toEqual(
          plain({ ok: true, value: translate('request', job) }),
        );
        const answer = answering(text);
        expect(plain(await real.translate('answer', answer, null))).toEqual(
          plain({ ok: true, value: translate('answer', answer) }),
        );
      }),
      { numRuns: 50 },
    );
  });

  it('is the same of vectors, and of those who ask for them', async () => {
    const numbers = fc.array(fc.double({ noDefaultInfinity: true, noNaN: true }), { minLength: 1, maxLength: 20 });
    await fc.assert(
      fc.asyncProperty(
        fc.string({ unit: 'binary' }),
        numbers,
        fc.constantFrom('float', 'base64'),
        async (text, vector, encoding) => {
          const ask = embedding(text);
          expect(plain(await real.translate('embed', ask, null))).toEqual(
            plain({ ok: true, value: translate('embed', ask) }),
          );
          const shown = showing(vector, encoding);
          const here = translate('vectors', shown);
          expect(plain(await real.translate('vectors', shown, null))).toEqual(plain({ ok: true, value: here }));
          expect(here).toMatchObject({ ok: true, value: { usage: { input: 3 } } });
        },
      ),
      { numRuns: 50 },
    );
  });

  it('would be found out with another byte', () => {
    const [one, other] = ['a', 'b'].map((text) => translate('answer', answering(text)));
    expect(plain(one)).not.toEqual(plain(other));
  });

  it('leaves the body to whoever gave it', async () => {
    const job = counting('hi');
    expect(await real.translate('count', job, null)).toEqual({ ok: true, value: translate('count', job) });
    expect(Buffer.from(job.body).toString()).toBe(JSON.stringify(chat('hi')));
  });

  it('fails by a mistake of ours alone, and the thread goes on', async () => {
    const job = { ...counting('hi'), client: 'nobody' };
    expect(await real.translate('count', job, null)).toEqual({ ok: false, fault: 'broken' });
    expect(real.isStarted).toBe(true);
    expect(await real.translate('count', counting('hi'), null)).toMatchObject({ ok: true });
  });
});

describe('the thread', () => {
  it('is started by the first piece, ended when nothing is left to do, and started again', async () => {
    const { thread } = open({ entry: faulty, limits: { idleMs: 1 } });
    expect(thread.isStarted).toBe(false);
    for (const text of ['one', 'two']) {
      expect(await thread.translate('count', counting(text), null)).toMatchObject({ ok: true });
      await vi.waitFor(() => expect(thread.isStarted).toBe(false));
    }
  });

  it.each([
    ['exit', 'it ended with code 7'],
    ['throw', 'thrown in the thread'],
    ['heap', 'memory'],
    ['hang', 'no answer within'],
  ])('that meets its end by %s costs the piece that it had, and nothing else', async (fault, why) => {
    const { thread, errors } = open({
      entry: faulty,
      limits: { jobMs: fault === 'hang' ? 1_000 : 10_000, heapMb: 32 },
    });
    const before = thread.translate('count', counting('before'), null);
    const ended = thread.translate('count', counting(`fault:${fault}`), null);
    const after = thread.translate('count', counting('after'), null);
    expect(await before).toMatchObject({ ok: true });
    expect(await ended).toEqual({ ok: false, fault: 'broken' });
    expect(await after).toMatchObject({ ok: true });
    expect(errors).toEqual([['the thread that translates is replaced', expect.anything()]]);
    expect(errors[0]?.[1]['why']).toContain(why);
  });

  it('that stood still with this process has its time anew', async () => {
    let asked = 0;
    // At the first time that is up, a minute has passed.
    const monotonicMs = () => {
      asked += 1;
      return asked === 1 ? 0 : 60_000;
    };
    const { thread, errors } = open({ entry: faulty, limits: { jobMs: 50 }, monotonicMs });
    expect(await thread.translate('count', counting('fault:hang'), null)).toEqual({ ok: false, fault: 'broken' });
    expect([asked, errors.length]).toEqual([4, 1]);
  });

  it('that cannot be started fails what it was to do', async () => {
    const { thread, errors } = open({ entry: new URL('./nowhere.ts', import.meta.url) });
    expect(await thread.translate('count', counting('hi'), null)).toEqual({ ok: false, fault: 'broken' });
    expect(errors).toHaveLength(1);
  });

  it('that is closed does nothing more, and says so to whoever waits', async () => {
    const { thread, errors } = open({ entry: faulty });
    const under = [
      thread.translate('count', counting('fault:hang'), null),
      thread.translate('count', counting('next'), null),
    ];
    await thread.close();
    for (const end of await Promise.all(under)) expect(end).toEqual({ ok: false, fault: 'broken' });
    expect(await thread.translate('count', counting('late'), null)).toEqual({ ok: false, fault: 'broken' });
    expect([thread.isStarted, errors]).toEqual([false, []]);
  });
});

describe('what waits for the thread', () => {
  it.each([
    ['in number', { waitingMax: 4 }],
    ['in bytes', { waitingBytesMax: 4 * counting('wait').body.length }],
  ])('is bounded %s: requests by half of it, answers by all', async (_how, limits) => {
    const { thread } = open({ entry: faulty, limits });
    const size = counting('wait').body.length;
    const answer = { ...answering('a'), body: new Uint8Array(size) };
    const vectors = { ...showing([1]), body: new Uint8Array(size) };
    const under = [thread.translate('count', counting('fault:hang'), null)];
    for (let waiting = 0; waiting < 2; waiting += 1) under.push(thread.translate('count', counting('wait'), null));
    expect(await thread.translate('count', counting('wait'), null)).toEqual({ ok: false, fault: 'full' });
    const answers = [thread.translate('answer', answer, null), thread.translate('vectors', vectors, null)];
    expect(await thread.translate('answer', answer, null)).toEqual({ ok: false, fault: 'full' });
    await thread.close();
    for (const end of await Promise.all([...under, ...answers])) expect(end).toEqual({ ok: false, fault: 'broken' });
  });

  it('has room for one, however large it is', async () => {
    const { thread } = open({ entry: faulty, limits: { waitingMax: 1, waitingBytesMax: 1 } });
    const ends = [thread.translate('count', counting('one'), null), thread.translate('count', counting('two'), null)];
    for (const end of await Promise.all(ends)) expect(end).toMatchObject({ ok: true });
  });

  it('is taken out when its client leaves, and never reaches the thread', async () => {
    const { thread, errors } = open({ entry: faulty, limits: { waitingMax: 2 } });
    const client = new Abandonment();
    const first = thread.translate('count', counting('first'), null);
    const left = thread.translate('count', counting('fault:exit'), client);
    client.abandon('gone');
    expect(await left).toEqual({ ok: false, fault: 'abandoned' });
    // Its place is free.
    const next = thread.translate('count', counting('next'), null);
    expect(await first).toMatchObject({ ok: true });
    expect(await next).toMatchObject({ ok: true });
    expect(errors).toEqual([]);
  });

  it('is let go of at once also where the thread has it already', async () => {
    const { thread } = open({ entry: faulty });
    const client = new Abandonment();
    const left = thread.translate('count', counting('fault:hang'), client);
    client.abandon('gone');
    expect(await left).toEqual({ ok: false, fault: 'abandoned' });
  });

  it('is not even begun for a client that has left', async () => {
    const { thread } = open({ entry: faulty });
    const client = new Abandonment();
    client.abandon('gone');
    expect(await thread.translate('count', counting('hi'), client)).toEqual({ ok: false, fault: 'abandoned' });
    expect(thread.isStarted).toBe(false);
  });
});
