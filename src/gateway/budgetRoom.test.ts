import { afterEach, describe, expect, test } from 'vitest';
import { answer, ScriptedUpstream } from '../../test/rigs/ScriptedUpstream.ts';
import { chatAnswer } from '../../test/rigs/vendorAnswers.ts';
import type { Abandonment } from './Abandonment.ts';
import type { BudgetRoom, RoomAnswer } from './GatewayPorts.ts';
import { TestGateway, TestReply, usd } from './openTestGateway.fixture.ts';

const opened: AsyncDisposable[] = [];
afterEach(async () => {
  for (const one of opened.splice(0).toReversed()) await one[Symbol.asyncDispose]();
});

const id = 'key:tester';

/** A gateway whose one budget is shared; what is asked for more of it is answered so. */
const openShared = async (
  ask: (gateway: TestGateway, amount: bigint, abandonment: Abandonment) => ReturnType<BudgetRoom['ask']>,
) => {
  const upstream = await ScriptedUpstream.open(answer(200, chatAnswer('fine')));
  const asked: (readonly [readonly string[], bigint])[] = [];
  const gateway: TestGateway = new TestGateway({
    targets: [{ provider: 'only', upstream }],
    budgets: [{ id, capNanoUsd: usd('10') }],
    budgetRoom: {
      ask: (scopeIds, amount, _deadlineMs, abandonment) => {
        asked.push([scopeIds, amount]);
        return ask(gateway, amount, abandonment);
      },
    },
  });
  opened.push(upstream, gateway);
  return { upstream, gateway, asked };
};

const allow = (gateway: TestGateway, grantedNanoUsd: bigint): void =>
  gateway.budgets.allow(id, 0, { grantedNanoUsd, untilMonotonicMs: Infinity });

describe('a request for which this replica may not spend enough', () => {
  test('is served once more of its budgets was given, and its records say on which it draws', async () => {
    const { gateway, asked } = await openShared((one, amount) => {
      allow(one, one.standing(id).spentNanoUsd + amount);
      return Promise.resolve('given');
    });
    expect((await gateway.ask()).status).toBe(200);
    expect(asked.map(([scopeIds]) => scopeIds)).toEqual([[id]]);
    const { intents, finals, requests } = gateway.journal;
    expect(asked[0]![1]).toBe(BigInt(intents[0]!.holdNanoUsd));
    expect([intents[0]!.budgets, finals[0]!.budgets]).toEqual([[[id, 0]], [[id, 0]]]);
    expect(requests[0]!.decisions).toHaveLength(1);
    expect((await gateway.ask()).status).toBe(200);
  });

  test('does not ask while what it may spend is enough', async () => {
    const { gateway, asked } = await openShared(() => Promise.resolve('unknown'));
    allow(gateway, usd('10'));
    expect((await gateway.ask()).status).toBe(200);
    expect(asked).toEqual([]);
  });

  test('is over its budget only where less is left of it, and cannot be told now where nobody answered, others kept the rest, or somebody was quicker', async () => {
    for (const [answers, status, code] of [
      [['spent'], 402, 'budget_exhausted'],
      [['unknown'], 503, 'ledger_unavailable'],
      [['given', 'unknown'], 503, 'ledger_unavailable'],
      [['given', 'spent'], 402, 'budget_exhausted'],
      [['given', 'given', 'given'], 503, 'ledger_unavailable'],
    ] as const) {
      const left: RoomAnswer[] = [...answers];
      const { upstream, gateway, asked } = await openShared(() => Promise.resolve(left.shift() ?? 'given'));
      const reply = await gateway.ask();
      expect([reply.status, reply.headers['x-archipel-error']]).toEqual([status, code]);
      expect(reply.text).toContain(id);
      expect([asked.length, upstream.calls.length]).toEqual([answers.length, 0]);
      expect(gateway.journal.requests[0]).toMatchObject({ status, errorCode: code, decisions: [{}] });
      expect(gateway.standing(id)).toMatchObject({ heldNanoUsd: 0n, spentNanoUsd: 0n });
    }
  });

  test('is not held up by its wait once its client has left, and whom it asked is told', async () => {
    const waits: Abandonment[] = [];
    const { gateway } = await openShared((_gateway, _amount, abandonment) => {
      waits.push(abandonment);
      return new Promise(() => {});
    });
    const reply = new TestReply();
    const { done } = gateway.start({ reply });
    setImmediate(() => reply.leave());
    await done;
    expect(gateway.journal.requests).toMatchObject([{ status: 499 }]);
    expect(waits.map(({ reason }) => reason)).toEqual(['gone']);
  });
});
