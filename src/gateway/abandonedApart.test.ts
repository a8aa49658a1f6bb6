// What becomes of a request of which a large body is being translated when nobody waits for it any more: its client hears of it before the translation ends.
import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { endAfterEach } from '../../test/rigs/endAfterEach.ts';
import { examplePrincipal } from '../../test/rigs/examplePrincipal.ts';
import { answer, ScriptedUpstream } from '../../test/rigs/ScriptedUpstream.ts';
import { messageAnswer } from '../../test/rigs/vendorAnswers.ts';
import { failure, silentLog, silentMetrics } from '../kernel/index.ts';
import { TestGateway, usd, type Asked } from './openTestGateway.fixture.ts';
import { TranslationThread } from './translation/TranslationThread.ts';
import type { Translator, TranslatorFault } from './translation/Translator.ts';

const end = endAfterEach();
const thread = new TranslationThread({ log: silentLog, metrics: silentMetrics });
afterAll(() => thread.close());
// Only those of this process: what comes over sockets, and from threads, comes when it comes.
beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'] }));
afterEach(() => void vi.useRealTimers());

const totalMs = 5_000;
const budget = { id: 'key:tester', capNanoUsd: usd('10') };

const open = async (translator: Translator) => {
  const upstream = await ScriptedUpstream.open(answer(200, messageAnswer('from the vendor')));
  const gateway = new TestGateway({
    targets: [{ provider: 'only', upstream, wire: 'anthropic' }],
    translator,
    limits: { inlineBytes: 1, totalMs },
    budgets: [budget],
  });
  end(() => upstream[Symbol.asyncDispose]());
  end(() => gateway[Symbol.asyncDispose]());
  return { upstream, gateway };
};

/** Ways in which nobody waits any more, with the status and the error that are recorded. */
const ways: readonly (readonly [
  what: string,
  status: number,
  error: string | null,
  act: (gateway: TestGateway, asked: Asked) => void,
])[] = [
  [
    'key ends',
    401,
    'invalid_key',
    ({ keys }) => {
      keys.set(examplePrincipal.hash, { ...examplePrincipal, revokedAtMs: 0 });
      vi.advanceTimersByTime(1_000);
    },
  ],
  ['time is over', 504, 'deadline_exceeded', () => void vi.advanceTimersByTime(totalMs)],
  ['server ends', 503, 'overloaded', ({ gateway }) => void gateway.shutDown()],
  ['client leaves', 499, null, (_, { reply }) => reply.leave()],
];

/** Holds the translation of answers until the test lets go of it. @param fault What then goes wrong; null: nothing. */
const holding = (fault: TranslatorFault | null = null) => {
  const reached = Promise.withResolvers<void>();
  const released = Promise.withResolvers<void>();
  const translator: Translator = {
    translate: async (kind, job, abandonment) => {
      if (kind !== 'answer') return thread.translate(kind, job, abandonment);
      reached.resolve();
      await released.promise;
      return fault === null ? thread.translate(kind, job, abandonment) : failure(fault);
    },
  };
  return { translator, reached: reached.promise, release: () => released.resolve() };
};

/** Resolves once the client has heard; at once for one who has left. */
const heard = async ({ reply }: Asked): Promise<void> => {
  if (!reply.gone) await reply.until(({ ended }) => ended);
};

describe('while its answer is translated, a request whose', () => {
  it.each(ways)('%s is told so at once, gets none of it, and is billed what was reported', async (...way) => {
    const [, status, errorCode, act] = way;
    const { translator, reached, release } = holding();
    const { gateway } = await open(translator);
    const asked = gateway.start();
    await reached;
    act(gateway, asked);
    await heard(asked);
    expect(gateway.journal.requests).toMatchObject([{ status, errorCode }]);
    expect(gateway.journal.finals, 'its translation is held').toEqual([]);
    expect(gateway.standing(budget.id).heldNanoUsd).toBeGreaterThan(0n);
    release();
    const { headers, text } = await asked.done;
    expect([headers['x-archipel-error'] ?? null, text.includes('from the vendor')]).toEqual([errorCode, false]);
    const [final] = gateway.journal.finals;
    expect(final).toMatchObject({ basis: 'reported', usage: { input: 10, output: 3 }, outcome: { kind: 'ok' } });
    expect(gateway.journal.requests).toHaveLength(1);
    expect(gateway.standing(budget.id)).toMatchObject({
      heldNanoUsd: 0n,
      spentNanoUsd: BigInt(final!.amountNanoUsd),
    });
    expect(gateway.gateway.inFlight).toBe(0);
  });

  it.each(ways)('%s is told nothing more where the translation fails after that', async (...way) => {
    const [, status, , act] = way;
    const { translator, reached, release } = holding('broken');
    const { upstream, gateway } = await open(translator);
    const asked = gateway.start();
    await reached;
    act(gateway, asked);
    await heard(asked);
    release();
    await asked.done;
    expect(gateway.journal.requests).toMatchObject([{ status }]);
    expect([upstream.calls.length, gateway.standing(budget.id).heldNanoUsd]).toEqual([1, 0n]);
  });

  it.each(ways)('%s is told nothing more where its bill cannot be kept', async (...way) => {
    const [, status, , act] = way;
    const { translator, reached, release } = holding();
    const { gateway } = await open(translator);
    const asked = gateway.start();
    await reached;
    act(gateway, asked);
    await heard(asked);
    gateway.journal.refused.add('final');
    release();
    await asked.done;
    expect(gateway.journal.requests).toMatchObject([{ status }]);
    expect(gateway.standing(budget.id).heldNanoUsd).toBe(0n);
  });
});

describe('while it is translated itself, a request whose', () => {
  it.each(ways)('%s is told so at once, and nobody is called', async (...way) => {
    const [, status, errorCode, act] = way;
    const entry = new URL('./translation/faultyWorker.fixture.ts', import.meta.url);
    const hanging = new TranslationThread({ log: silentLog, metrics: silentMetrics, entry });
    end(() => hanging.close());
    const { upstream, gateway } = await open(hanging);
    const asked = gateway.start({ body: { messages: [{ role: 'user', content: 'fault:hang' }] } });
    expect(hanging.isStarted).toBe(true);
    act(gateway, asked);
    const { headers } = await asked.done;
    expect(headers['x-archipel-error'] ?? null).toBe(errorCode);
    expect(gateway.journal.requests).toMatchObject([{ status, errorCode }]);
    expect([gateway.journal.intents, upstream.calls]).toEqual([[], []]);
    expect(gateway.standing(budget.id).heldNanoUsd).toBe(0n);
  });
});

describe('while it is put together with what is kept, a request whose', () => {
  /** The deadline begins with the first target. */
  const waysBefore = ways.filter(([what]) => what !== 'time is over');

  it.each(waysBefore)('%s is told what happened, and nobody is called', async (...way) => {
    const [, status, errorCode, act] = way;
    const reached = Promise.withResolvers<void>();
    const released = Promise.withResolvers<void>();
    const translator: Translator = {
      translate: async (kind, job, abandonment) => {
        if (kind === 'resume') {
          reached.resolve();
          await released.promise;
        }
        return thread.translate(kind, job, abandonment);
      },
    };
    const { upstream, gateway } = await open(translator);
    const first = await gateway.ask({ wire: 'responses', body: { input: 'One' } });
    const { id } = JSON.parse(first.text) as { readonly id: string };
    const asked = gateway.start({ wire: 'responses', body: { input: 'Two', previous_response_id: id } });
    await reached.promise;
    act(gateway, asked);
    released.resolve();
    await asked.done;
    expect(gateway.journal.requests.at(-1)).toMatchObject({ status, errorCode });
    expect([upstream.calls.length, gateway.standing(budget.id).heldNanoUsd]).toEqual([1, 0n]);
  });
});
