import type { ServerResponse } from 'node:http';
import fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import { ScriptedUpstream } from '../../test/rigs/ScriptedUpstream.ts';
import { chatEvents, chatStream } from '../../test/rigs/vendorAnswers.ts';
import { nanoUsd } from '../kernel/index.ts';
import { Budgets, type Hold } from '../ledger/index.ts';
import { Abandonment } from './Abandonment.ts';
import type { BudgetRoom } from './GatewayPorts.ts';
import { growthTokens, HeldOutput } from './HeldOutput.ts';
import { noBudgetRoom } from './noBudgetRoom.ts';
import {
  TestGateway,
  usd,
  type TestAsk,
  type TestGatewayOptions,
  type TestReply,
  type TestTarget,
} from './openTestGateway.fixture.ts';

const opened: AsyncDisposable[] = [];
afterEach(async () => {
  for (const one of opened.splice(0).toReversed()) await one[Symbol.asyncDispose]();
});

const id = 'key:tester';
const bound = 100_000;
const body = { max_tokens: bound };
/** 2 dollars a million tokens out. */
const outNanoUsd = 2_000n;

/** A gateway that has seen what answers to its one caller are like, and would hold 0.2 dollars at worst. */
const openTaught = async (target: Partial<TestTarget> = {}, room: Pick<TestGatewayOptions, 'budgetRoom'> = {}) => {
  const upstream = await ScriptedUpstream.open(chatStream('x'.repeat(200), [10, 50]));
  const gateway = new TestGateway({
    targets: [{ provider: 'only', maxOutputTokens: bound, ...target, upstream }],
    budgets: [
      { id, capNanoUsd: usd('2') },
      { id: 'key:stranger', capNanoUsd: usd('2') },
    ],
    ...room,
  });
  opened.push(upstream, gateway);
  gateway.budgets.allow(id, 0, { grantedNanoUsd: usd('2'), untilMonotonicMs: Infinity });
  for (let seen = 0; seen < 20; seen += 1) await gateway.ask({ stream: true, body });
  return { upstream, gateway };
};

/** A stream that a test writes step by step. */
const stepped = (upstream: ScriptedUpstream) => {
  const head = Promise.withResolvers<ServerResponse>();
  upstream.always(async (response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    head.resolve(response);
    await new Promise<void>((resolve) => response.once('close', () => resolve()));
  });
  return {
    say: async (bytes: number) => void (await head.promise).write(chatEvents.text('Q'.repeat(bytes))),
    end: async () => void (await head.promise).end(chatEvents.finish + chatEvents.usage(10, 900) + chatEvents.done),
  };
};

const lettersIn = ({ text }: TestReply): number => text.split('Q').length - 1;
const until = (reply: TestReply, letters: number): Promise<unknown> => reply.until((one) => lettersIn(one) >= letters);

describe('a hold for an answer that comes as a stream', () => {
  test('begins with what the answers to its caller were like and grows before the bytes go on; the record knows the worst case', async () => {
    const { upstream, gateway } = await openTaught();
    const { spentNanoUsd } = gateway.standing(id);
    const stream = stepped(upstream);
    const { reply, done } = gateway.start({ stream: true, body });
    await stream.say(1_000);
    await until(reply, 1_000);
    const first = gateway.standing(id).heldNanoUsd;
    const worst = BigInt(gateway.journal.intents.at(-1)!.holdNanoUsd);
    expect(worst - first).toBe(BigInt(bound - growthTokens) * outNanoUsd);
    await stream.say(100);
    await until(reply, 1_100);
    expect(gateway.standing(id).heldNanoUsd - first).toBe(1_100n * outNanoUsd);
    await stream.end();
    await done;
    expect(gateway.standing(id)).toMatchObject({ heldNanoUsd: 0n, spentNanoUsd: spentNanoUsd + 1_810_000n });
    expect(reply.text.endsWith(chatEvents.done)).toBe(true);
  });

  test.each([
    ['little is left', {}, {}, '1.3'],
    ['it does not come as a stream', { stream: false }, {}, '0'],
    ['its model thinks out of sight', {}, { reasoning: true }, '0'],
    ['nothing is known of such a caller', { principal: { key: 'stranger', hash: 'b' } }, {}, '0'],
  ])('is the worst case where %s', async (_, ask, target, taken) => {
    const { upstream, gateway } = await openTaught(target);
    gateway.budgets.hold([id], usd(taken), gateway.clock.nowMs(), 0);
    const held: bigint[] = [];
    upstream.always((response) => {
      for (const one of [id, 'key:stranger']) held.push(gateway.standing(one).heldNanoUsd);
      response.writeHead(400).end();
    });
    await gateway.ask({ stream: true, body, ...ask });
    const worst = BigInt(gateway.journal.intents.at(-1)!.holdNanoUsd);
    expect(held[0]! + held[1]!).toBe(worst + usd(taken));
    expect(worst).toBeGreaterThan(BigInt(bound) * outNanoUsd);
  });

  test('ends the stream at the cap with the error of the wire, breaks the call off and settles what came', async () => {
    const { upstream, gateway } = await openTaught();
    const { spentNanoUsd } = gateway.standing(id);
    const stream = stepped(upstream);
    const { reply, done } = gateway.start({ stream: true, body });
    await stream.say(900);
    await until(reply, 900);
    const rest = gateway.standing(id).remainingNanoUsd;
    gateway.budgets.hold([id], rest, gateway.clock.nowMs(), 0);
    await stream.say(2_000);
    await done;
    expect(lettersIn(reply)).toBe(900);
    const last = JSON.parse(reply.text.trim().split('data: ').at(-1)!) as { error: { code: string; type: string } };
    expect(last.error).toMatchObject({ code: 'budget_exhausted', type: 'insufficient_quota' });
    expect(await upstream.calls.at(-1)!.ended).toBe(false);
    expect(gateway.journal.finals.at(-1)).toMatchObject({ outcome: { kind: 'cancelled' }, basis: 'estimated' });
    expect(gateway.journal.requests.at(-1)).toMatchObject({ status: 402, errorCode: 'budget_exhausted' });
    const standing = gateway.standing(id);
    expect(standing.heldNanoUsd).toBe(rest);
    expect(standing.spentNanoUsd).toBeGreaterThan(spentNanoUsd);
    expect(standing.spentNanoUsd + standing.heldNanoUsd).toBeLessThanOrEqual(standing.capNanoUsd);
    // The target did nothing wrong.
    upstream.always(chatStream('fine'));
    gateway.budgets.configure([]);
    expect((await gateway.ask({ stream: true })).status).toBe(200);
  });

  test.each<readonly [string, TestAsk, string]>([
    ['anthropic', { stream: true, body }, '"type":"billing_error"'],
    ['responses', { stream: true, body: { max_output_tokens: bound } }, '"code":"insufficient_quota"'],
    [
      'gemini',
      {
        path: '/v1beta/models/{model}:streamGenerateContent',
        query: '?alt=sse',
        body: { generationConfig: { maxOutputTokens: bound } },
      },
      '"status":"RESOURCE_EXHAUSTED"',
    ],
  ])('ends a stream that is translated for the wire %s in its own words', async (wire, ask, words) => {
    const { upstream, gateway } = await openTaught();
    const asked = { wire, ...ask };
    for (let seen = 0; seen < 20; seen += 1) await gateway.ask(asked);
    const stream = stepped(upstream);
    const { reply, done } = gateway.start(asked);
    await stream.say(900);
    await until(reply, 900);
    const worst = BigInt(gateway.journal.intents.at(-1)!.holdNanoUsd);
    expect(gateway.standing(id).heldNanoUsd).toBeLessThan(worst);
    gateway.budgets.hold([id], gateway.standing(id).remainingNanoUsd, gateway.clock.nowMs(), 0);
    await stream.say(2_000);
    await done;
    expect(lettersIn(reply)).toBe(900);
    expect(reply.text.trim().split('data: ').at(-1)).toContain(words);
    expect(await upstream.calls.at(-1)!.ended).toBe(false);
  });

  test('grows beyond a soft budget, which is told once', async () => {
    const { upstream, gateway } = await openTaught();
    const soft = { id: 'team:research', window: 'total', hard: false, timeZone: 'UTC' } as const;
    const hard = { id, capNanoUsd: usd('2'), window: 'total', hard: true, timeZone: 'UTC' } as const;
    gateway.budgets.configure([hard, { ...soft, capNanoUsd: usd('0.0001') }]);
    const stream = stepped(upstream);
    const { reply, done } = gateway.start({ stream: true, body });
    await stream.say(3_000);
    await until(reply, 3_000);
    await stream.end();
    await done;
    upstream.always(chatStream('fine'));
    await gateway.ask({ stream: true, body });
    expect(gateway.logLines.filter(({ level }) => level === 'warn')).toEqual([
      { level: 'warn', event: 'more is spent than a budget has', fields: { budget: 'team:research' } },
    ]);
  });

  test('waits for what other replicas give, and goes on with all that came', async () => {
    const asked: bigint[] = [];
    let give = (): void => {};
    const room: BudgetRoom = {
      ask: (_, amount) => {
        asked.push(amount);
        return new Promise((resolve) => {
          give = () => resolve('given');
        });
      },
    };
    const { upstream, gateway } = await openTaught({}, { budgetRoom: room });
    const stream = stepped(upstream);
    const { reply, done } = gateway.start({ stream: true, body });
    await stream.say(900);
    await until(reply, 900);
    const { spentNanoUsd, heldNanoUsd } = gateway.standing(id);
    gateway.budgets.allow(id, 0, { grantedNanoUsd: spentNanoUsd + heldNanoUsd, untilMonotonicMs: Infinity });
    await stream.say(500);
    while (asked.length === 0) await new Promise((resolve) => setImmediate(resolve));
    await stream.end();
    expect(lettersIn(reply)).toBe(900);
    expect(asked).toEqual([1_400n * outNanoUsd]);
    gateway.budgets.allow(id, 0, { grantedNanoUsd: usd('2'), untilMonotonicMs: Infinity });
    give();
    await done;
    expect(lettersIn(reply)).toBe(1_400);
    expect(reply.text.endsWith(chatEvents.done)).toBe(true);
    expect(gateway.journal.finals.at(-1)).toMatchObject({ outcome: { kind: 'ok' }, usage: { output: 900 } });
  });
});

describe('holds that grow, in any order', () => {
  /** A request under way: what came of it, and what its vendor has written beyond that. */
  interface Flight {
    readonly hold: Hold;
    readonly output: HeldOutput;
    came: number;
  }

  const act = fc.oneof(
    fc.record({ kind: fc.constant('begin' as const), expected: fc.integer({ min: 1, max: 3_000 }) }),
    fc.record({
      kind: fc.constant('come' as const),
      which: fc.nat(),
      bytes: fc.integer({ min: 1, max: 4_000 }),
    }),
    fc.record({
      kind: fc.constant('end' as const),
      which: fc.nat(),
      unseen: fc.integer({ min: 0, max: growthTokens }),
    }),
  );

  test('spend and hold no more than the cap and a step for each answer that was broken off', () => {
    const price = 3n;
    const cap = 40_000n;
    const outputBoundTokens = 8_000;
    const costOf = (tokens: number) => nanoUsd(100n + BigInt(tokens) * price);
    fc.assert(
      fc.property(fc.array(act, { maxLength: 80 }), (acts) => {
        const budgets = new Budgets();
        budgets.configure([{ id, capNanoUsd: nanoUsd(cap), window: 'total', hard: true, timeZone: 'UTC' }]);
        const flights: Flight[] = [];
        let unseenMost = 0n;
        const settle = (flight: Flight, tokens: number): void => {
          flights.splice(flights.indexOf(flight), 1);
          const spent = costOf(Math.min(tokens, outputBoundTokens));
          const beyond = spent - flight.hold.amountNanoUsd;
          expect(beyond <= BigInt(growthTokens) * price).toBe(true);
          if (beyond > 0n) unseenMost += beyond;
          budgets.settle(flight.hold, spent);
        };
        for (const step of acts) {
          const flight = 'which' in step ? flights[step.which % Math.max(1, flights.length)] : undefined;
          if (step.kind === 'begin') {
            const made = budgets.hold([id], costOf(step.expected), 0, 0);
            if (!made.ok) continue;
            const output = new HeldOutput({
              hold: made.value,
              budgets,
              budgetRoom: noBudgetRoom,
              scopes: [id],
              coveredTokens: step.expected,
              outputBoundTokens,
              costOf,
              monotonicMs: () => 0,
              roomMs: 0,
              abandonment: new Abandonment(),
            });
            flights.push({ hold: made.value, output, came: 0 });
          } else if (flight !== undefined && step.kind === 'come') {
            const bytes = flight.came + step.bytes;
            const refusal = bytes <= flight.output.coveredBytes ? null : flight.output.cover(bytes);
            if (refusal === null) flight.came = bytes;
            else settle(flight, Math.min(bytes, flight.output.coveredBytes + growthTokens));
            expect(Math.min(flight.came, outputBoundTokens)).toBeLessThanOrEqual(flight.output.coveredBytes);
          } else if (flight !== undefined && step.kind === 'end') {
            settle(flight, flight.came + step.unseen);
          }
          const { spentNanoUsd, heldNanoUsd } = budgets.standing(id, 0)!;
          expect(spentNanoUsd + heldNanoUsd <= cap + unseenMost).toBe(true);
        }
      }),
      { numRuns: 200 },
    );
  });
});
