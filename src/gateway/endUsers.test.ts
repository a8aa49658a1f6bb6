import { afterEach, describe, expect, test } from 'vitest';
import { answer, ScriptedUpstream } from '../../test/rigs/ScriptedUpstream.ts';
import { chatAnswer } from '../../test/rigs/vendorAnswers.ts';
import { TestGateway, usd, type TestAsk } from './openTestGateway.fixture.ts';

const opened: AsyncDisposable[] = [];
afterEach(async () => {
  for (const one of opened.splice(0).toReversed()) await one[Symbol.asyncDispose]();
});

/** Each end user of the caller's team may spend so much. */
const openFor = async (dollars: string): Promise<TestGateway> => {
  const upstream = await ScriptedUpstream.open(answer(200, chatAnswer('fine', [1_000, 100])));
  const gateway = new TestGateway({ targets: [{ provider: 'only', upstream }] });
  opened.push(upstream, gateway);
  const budget = { window: 'total', hard: true, timeZone: 'UTC' } as const;
  gateway.budgets.configure([], [{ holder: 'team:research', capNanoUsd: usd(dollars), ...budget }]);
  return gateway;
};

const statusOf = async (gateway: TestGateway, ask: TestAsk): Promise<number> => (await gateway.ask(ask)).status;
const small = { max_tokens: 100 };

describe('end users with a budget', () => {
  test('are refused by themselves, and stand in records under a hash', async () => {
    const gateway = await openFor('0.0025');
    const of = (user: string): TestAsk => ({ body: { ...small, user } });
    expect(await statusOf(gateway, of('ann@example.com'))).toBe(200);
    expect(await statusOf(gateway, of('ann@example.com'))).toBe(402);
    expect(await statusOf(gateway, of('ben'))).toBe(200);
    const [first, second] = gateway.journal.finals;
    expect(first!.budgets).toEqual([[expect.stringMatching(/^team:research\/user\/[0-9a-f]{32}$/), 0]]);
    expect(second!.budgets).not.toEqual(first!.budgets);
    expect(JSON.stringify([gateway.journal, gateway.logLines])).not.toContain('ann@');
  });

  test.each<readonly [string, TestAsk, TestAsk]>([
    [
      'safety_identifier before user',
      { body: { ...small, safety_identifier: 'a', user: 'x' } },
      { body: { ...small, user: 'a' } },
    ],
    [
      'the header where the body says nothing',
      { body: small, headers: { 'x-archipel-user': 'a' } },
      { body: { ...small, user: 'a' } },
    ],
    [
      'metadata.user_id of Messages',
      { wire: 'anthropic', body: { metadata: { user_id: 'a' } } },
      { body: { ...small, user: 'a' } },
    ],
    [
      'safety_identifier of Responses',
      { wire: 'responses', body: { max_output_tokens: 100, safety_identifier: 'a' } },
      { body: { ...small, user: 'a' } },
    ],
    ['nothing: all of these are one', { body: small }, { body: { ...small, user: '' } }],
  ])('are known by %s', async (_, one, other) => {
    const gateway = await openFor('1');
    expect([await statusOf(gateway, one), await statusOf(gateway, other)]).toEqual([200, 200]);
    const [first, second] = gateway.journal.finals;
    expect(second!.budgets).toEqual(first!.budgets);
  });
});
