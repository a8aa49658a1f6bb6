import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { answer, ScriptedUpstream } from '../../test/rigs/ScriptedUpstream.ts';
import { chatAnswer, messageAnswer, messageStream, vendorError } from '../../test/rigs/vendorAnswers.ts';
import { failure, silentLog, silentMetrics } from '../kernel/index.ts';
import type { TranslationKind } from '../wire/index.ts';
import { TestGateway, usd, type TestGatewayOptions, type TestTarget } from './openTestGateway.fixture.ts';
import { TranslationThread } from './translation/TranslationThread.ts';
import type { TranslationLimits } from './translation/limits.ts';
import type { Translator, TranslatorFault } from './translation/Translator.ts';

const opened: AsyncDisposable[] = [];
afterEach(async () => {
  for (const one of opened.splice(0).toReversed()) await one[Symbol.asyncDispose]();
});

/** It takes its time to start: one serves all tests. */
const thread = new TranslationThread({ log: silentLog, metrics: silentMetrics });
afterAll(() => thread.close());

/** What the thread was given, and what is done as it is given. */
let given: TranslationKind[] = [];
let onGiven = (_kind: TranslationKind): void => {};
beforeEach(() => {
  given = [];
  onGiven = () => {};
});

const watched: Translator = {
  translate: (kind, job, abandonment) => {
    given.push(kind);
    onGiven(kind);
    return thread.translate(kind, job, abandonment);
  },
};

/** A thread that does to a body what it says. */
const faultyThread = (limits: Partial<TranslationLimits> = {}): Translator => {
  const entry = new URL('./translation/faultyWorker.fixture.ts', import.meta.url);
  const faulty = new TranslationThread({ log: silentLog, metrics: silentMetrics, entry, limits });
  opened.push({ [Symbol.asyncDispose]: () => faulty.close() });
  return faulty;
};

const failing = (fault: TranslatorFault): Translator => ({
  translate: (kind) => {
    given.push(kind);
    return Promise.resolve(failure(fault));
  },
});

const answers = { openai: chatAnswer, anthropic: messageAnswer };

/** Targets called a, b that speak these wires, each dearer than the one before. */
const openTargets = async (
  wires: readonly (keyof typeof answers)[],
  translator: Translator = watched,
  limits: TestGatewayOptions['limits'] = { inlineBytes: 1 },
  options: Partial<TestGatewayOptions> = {},
) => {
  const targets: TestTarget[] = [];
  for (const [index, wire] of wires.entries()) {
    const provider = 'ab'.charAt(index);
    const upstream = await ScriptedUpstream.open(answer(200, answers[wire](`from ${provider}`)));
    const inputPerMTok = String(1 + index);
    targets.push({ provider, upstream, wire, inputPerMTok, outputPerMTok: '1', contextTokens: 10_000_000 });
  }
  const gateway = new TestGateway({ targets, translator, limits, ...options });
  const [a, b] = targets.map(({ upstream }) => upstream);
  opened.push(...targets.map(({ upstream }) => upstream), gateway);
  return { a: a!, b: b!, gateway };
};

interface Started {
  readonly gateway: TestGateway;
  readonly reply: ReturnType<TestGateway['start']>['reply'];
}

const saying = (text: string) => ({ body: { messages: [{ role: 'user', content: text }] } });

describe('a body that is scanned in several turns', () => {
  const large = saying('x'.repeat(1_000_000));

  it('reaches its target as it came', async () => {
    const { a, gateway } = await openTargets(['openai']);
    expect(await gateway.ask(large)).toMatchObject({ status: 200 });
    expect(JSON.parse(a.calls[0]!.body.toString())).toMatchObject(large.body);
  });

  it.each([
    ['its client leaves', 499, ({ reply }) => reply.leave()],
    ['the server stops', 503, ({ gateway }) => gateway.gateway.shutDown()],
  ] satisfies readonly (readonly [string, number, (at: Started) => unknown])[])(
    'goes nowhere where %s meanwhile',
    async (_, status, act) => {
      const { a, gateway } = await openTargets(['openai']);
      const { reply, done } = gateway.start(large);
      act({ gateway, reply });
      await done;
      expect(a.calls).toHaveLength(0);
      expect(gateway.journal.requests).toMatchObject([{ status, attemptIds: [] }]);
    },
  );
});

describe('a body above inlineBytes', () => {
  it('reaches its target as a small one does, and so does the answer its client', async () => {
    const seen: unknown[] = [];
    for (const inlineBytes of [1, 262_144]) {
      const { a, gateway } = await openTargets(['anthropic'], watched, { inlineBytes });
      const { status, headers, json } = await gateway.ask({ body: { seed: 7 } });
      const sent = a.calls[0]!.body.toString('utf8');
      seen.push([sent, status, { ...json, created: 0 }, headers['x-archipel-dropped']]);
      expect(gateway.journal.finals).toMatchObject([{ basis: 'reported', usage: { input: 10, output: 3 } }]);
      expect(given).toEqual(['request', 'answer']);
    }
    expect(seen[0]).toEqual(seen[1]);
    expect(seen[0]).toMatchObject([expect.any(String), 200, {}, 'seed']);
  });

  it('is streamed to as every other', async () => {
    const { a, gateway } = await openTargets(['anthropic']);
    a.always(messageStream('from a'));
    const reply = await gateway.ask({ stream: true });
    expect(reply.text).toContain('from a');
    expect(reply.text.trimEnd().endsWith('data: [DONE]')).toBe(true);
    expect(given).toEqual(['request']);
  });

  it('is passed through without a thread where the wires are the same', async () => {
    const { gateway } = await openTargets(['openai']);
    expect((await gateway.ask()).status).toBe(200);
    expect(given).toEqual([]);
  });

  it('that has no words on the other wire is refused as a small one is', async () => {
    const { gateway } = await openTargets(['anthropic']);
    const reply = await gateway.ask({ body: { n: 2 } });
    expect([reply.status, reply.headers['x-archipel-error']]).toEqual([400, 'unsupported_feature']);
    expect(reply.json).toMatchObject({ error: { param: 'n' } });
    expect(gateway.journal.intents).toEqual([]);
  });

  it('is translated for the target that takes over, too', async () => {
    const { a, b, gateway } = await openTargets(['anthropic', 'anthropic']);
    a.always(answer(500, vendorError('oops')));
    const reply = await gateway.ask();
    expect(reply.headers['x-archipel-target']).toBe('b/vendor-model');
    expect(b.calls[0]!.body).toEqual(a.calls[0]!.body);
  });

  it('is counted by an estimate as a small one is', async () => {
    const counts: unknown[] = [];
    for (const inlineBytes of [1, 262_144]) {
      const { gateway } = await openTargets(['openai'], watched, { inlineBytes });
      const reply = await gateway.ask({ wire: 'anthropic', path: '/v1/messages/count_tokens' });
      counts.push([reply.status, reply.headers['x-archipel-estimated'], reply.json]);
    }
    expect(counts[0]).toEqual(counts[1]);
    expect(counts[0]).toMatchObject([200, 'true', { input_tokens: expect.any(Number) }]);
    expect(given).toEqual(['count']);
  });

  it('that comes as an answer and is none tells its fault, and none of our credential', async () => {
    const { a, gateway } = await openTargets(['anthropic'], watched, { inlineBytes: 1, attempts: 1 });
    a.always(answer(200, { type: 'error', error: { type: 'overloaded_error', message: 'sk-a is busy' } }));
    const reply = await gateway.ask();
    expect(reply.status).toBeGreaterThanOrEqual(400);
    expect(given).toContain('answer');
    expect(JSON.stringify([reply.text, gateway.journal.finals, gateway.logLines])).not.toContain('sk-a');
  });

  it('that comes as an answer is billed as its vendor has reported, also where the client leaves meanwhile', async () => {
    const { gateway } = await openTargets(['anthropic']);
    const { reply, done } = gateway.start();
    onGiven = (kind) => {
      if (kind === 'answer') queueMicrotask(() => reply.leave());
    };
    await done;
    expect(reply.gone).toBe(true);
    expect(gateway.journal.finals).toMatchObject([
      { basis: 'reported', usage: { input: 10, output: 3 }, outcome: { kind: 'ok' } },
    ]);
  });
});

describe('a body of a million values', () => {
  const values = (text: string) => text.replace('"MANY"', `[${'{},'.repeat(1_000_000)}{}]`);

  it('is told that it is too many, where it would have to be translated', async () => {
    const { a, gateway } = await openTargets(['anthropic']);
    const reply = await gateway.ask({ body: { metadata: 'MANY' }, rewrite: values });
    expect([reply.status, reply.headers['x-archipel-error']]).toEqual([400, 'bad_request']);
    expect(reply.text).toContain('more than 1000000 objects, arrays and texts');
    expect([gateway.journal.intents, a.calls]).toEqual([[], []]);
  });

  it('is passed on as it came to a target that speaks its wire', async () => {
    const { b, gateway } = await openTargets(['anthropic', 'openai']);
    const reply = await gateway.ask({ body: { metadata: 'MANY' }, rewrite: values });
    expect([reply.status, reply.headers['x-archipel-target']]).toEqual([200, 'b/vendor-model']);
    expect(b.calls[0]!.body.length).toBeGreaterThan(3_000_000);
  });

  it.each(['anthropic', 'openai'] as const)('is no answer of %s, and the next target is asked', async (wire) => {
    const { a, gateway } = await openTargets([wire, 'openai'], watched, { inlineBytes: 1, answerBytes: 8_000_000 });
    const whole = JSON.stringify({ ...answers[wire]('from a'), extra: 'MANY' });
    a.always(answer(200, values(whole)));
    expect((await gateway.ask()).headers['x-archipel-target']).toBe('b/vendor-model');
    expect(gateway.journal.finals[0]).toMatchObject({
      outcome: { failure: { class: 'protocol', cause: 'too_many_values' } },
    });
  });
});

describe('a request whose budget becomes less while it is translated', () => {
  const tester = 'key:tester';
  /** Each piece that is given takes so much of the budget away. */
  const openDwindling = async (eachTime: string) => {
    const opened = await openTargets(['anthropic'], watched, undefined, {
      budgets: [{ id: tester, capNanoUsd: usd('0.004') }],
    });
    onGiven = (kind) => {
      if (kind === 'request') opened.gateway.budgets.hold([tester], usd(eachTime), opened.gateway.clock.nowMs(), 0);
    };
    return opened;
  };

  it('is translated once more, with room for what becomes less after that', async () => {
    const { a, gateway } = await openDwindling('0.0005');
    expect((await gateway.ask()).status).toBe(200);
    expect(given).toEqual(['request', 'request', 'answer']);
    expect(JSON.parse(a.calls[0]!.body.toString('utf8')).max_tokens).toBeLessThan(3_500 / 2);
  });

  it('is not translated for ever', async () => {
    const { a, gateway } = await openDwindling('0.0019');
    const reply = await gateway.ask();
    expect(reply.status).toBeGreaterThanOrEqual(400);
    expect(given.length).toBeLessThanOrEqual(3);
    expect(a.calls).toEqual([]);
  });
});

describe('where the translation fails', () => {
  it.each(['exit', 'throw'])('by %s of its thread, a target that needs none serves', async (fault) => {
    const { a, b, gateway } = await openTargets(['anthropic', 'openai'], faultyThread());
    const reply = await gateway.ask(saying(`fault:${fault}`));
    expect([reply.status, reply.headers['x-archipel-target']]).toEqual([200, 'b/vendor-model']);
    expect([a.calls.length, b.calls.length]).toEqual([0, 1]);
  });

  it('nobody is called where no other target is left, and its body is given to no second thread', async () => {
    const { a, b, gateway } = await openTargets(['anthropic', 'anthropic'], failing('broken'));
    const reply = await gateway.ask();
    expect([reply.status, reply.headers['x-archipel-error']]).toEqual([500, 'internal_error']);
    expect([gateway.journal.intents, a.calls, b.calls]).toEqual([[], [], []]);
    expect(gateway.journal.requests).toMatchObject([{ status: 500, attemptIds: [] }]);
    expect(given).toEqual(['request']);
  });

  it('an answer is lost, and the next target asked', async () => {
    const { a, b, gateway } = await openTargets(['anthropic', 'openai'], faultyThread(), { inlineBytes: 1_000 });
    a.always(answer(200, messageAnswer(`fault:exit${'.'.repeat(1_000)}`)));
    const reply = await gateway.ask();
    expect([reply.status, reply.headers['x-archipel-target']]).toEqual([200, 'b/vendor-model']);
    expect(gateway.journal.finals[0]).toMatchObject({ outcome: { failure: { cause: 'translator_broken' } } });
    expect(b.calls).toHaveLength(1);
  });
});

describe('where too much waits to be translated', () => {
  it('a request is told to come back', async () => {
    const { a, gateway } = await openTargets(['anthropic'], failing('full'));
    const reply = await gateway.ask();
    expect([reply.status, reply.headers['x-archipel-error']]).toEqual([503, 'overloaded']);
    expect(Number(reply.headers['retry-after'])).toBeGreaterThan(0);
    expect([gateway.journal.intents, a.calls]).toEqual([[], []]);
  });

  it('a target serves that needs no translation', async () => {
    const { gateway } = await openTargets(['anthropic', 'openai'], failing('full'));
    expect((await gateway.ask()).headers['x-archipel-target']).toBe('b/vendor-model');
  });

  it('an answer that finds no room is told by its own cause', async () => {
    const { gateway } = await openTargets(['anthropic', 'openai'], failing('full'), { inlineBytes: 100 });
    expect((await gateway.ask()).headers['x-archipel-target']).toBe('b/vendor-model');
    expect(gateway.journal.finals[0]).toMatchObject({ outcome: { failure: { cause: 'translator_full' } } });
  });

  it('an answer that finds no room is not bought again from its target, whose health has no part in it', async () => {
    let room = false;
    const some: Translator = {
      translate: (kind, job, abandonment) =>
        kind === 'answer' && !room ? Promise.resolve(failure('full')) : thread.translate(kind, job, abandonment),
    };
    const { a, gateway } = await openTargets(['anthropic'], some);
    for (let time = 1; time <= 12; time += 1) {
      const reply = await gateway.ask();
      expect([reply.status, reply.headers['x-archipel-error'], a.calls.length]).toEqual([503, 'overloaded', time]);
    }
    room = true;
    expect((await gateway.ask()).status).toBe(200);
  });

  it('whoever leaves is waited for no longer, and nobody is called', async () => {
    const { a, gateway } = await openTargets(['anthropic'], faultyThread());
    const asked = [gateway.start(saying('fault:hang')), gateway.start()];
    for (const { reply } of asked) reply.leave();
    await Promise.all(asked.map(({ done }) => done));
    expect(gateway.journal.requests).toMatchObject([{ status: 499 }, { status: 499 }]);
    expect([gateway.journal.intents, a.calls]).toEqual([[], []]);
  });
});
