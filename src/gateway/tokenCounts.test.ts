import { assert, describe, expect, it } from 'vitest';
import { endAfterEach } from '../../test/rigs/endAfterEach.ts';
import { examplePrincipal } from '../../test/rigs/examplePrincipal.ts';
import { answer, hang, ScriptedUpstream } from '../../test/rigs/ScriptedUpstream.ts';
import { vendorError } from '../../test/rigs/vendorAnswers.ts';
import { noRates } from '../vocabulary/index.ts';
import { clientWires } from '../wire/index.ts';
import { TokenCounts } from './TokenCounts.ts';
import { TestGateway, TestReply, usd, type TestAsk } from './openTestGateway.fixture.ts';

const onEnd = endAfterEach();
const counted = answer(200, { input_tokens: 9 });

/** Has a vendor wait with its count. @returns what lets it go on */
const holding = (upstream: ScriptedUpstream): (() => void) => {
  const { promise, resolve } = Promise.withResolvers<void>();
  upstream.always(async (response, call) => {
    await promise;
    return counted(response, call);
  });
  return resolve;
};

const open = async () => {
  const upstream = await ScriptedUpstream.open(counted);
  const gateway = new TestGateway({ targets: [{ provider: 'counter', upstream, wire: 'anthropic' }] });
  onEnd(() => upstream[Symbol.asyncDispose]());
  onEnd(() => gateway[Symbol.asyncDispose]());
  return { upstream, gateway };
};

const count: TestAsk = { wire: 'anthropic', path: '/v1/messages/count_tokens', body: { max_tokens: undefined } };
const saying = (content: string): TestAsk => ({
  ...count,
  body: { max_tokens: undefined, messages: [{ role: 'user', content }] },
});

describe('the tokens of a text', () => {
  it('are counted once for all who ask at once, and each has its own record', async () => {
    const { upstream, gateway } = await open();
    const replies = await Promise.all(Array.from({ length: 24 }, () => gateway.ask(count)));
    expect(replies.map(({ status, json }) => [status, json])).toEqual(replies.map(() => [200, { input_tokens: 9 }]));
    expect(upstream.calls).toHaveLength(1);
    expect(gateway.journal.finals).toHaveLength(1);
    expect(gateway.journal.requests).toHaveLength(24);
    expect(new Set(replies.map(({ headers }) => headers['x-archipel-target']))).toEqual(
      new Set(['counter/vendor-model']),
    );
    const asked = replies.filter(({ headers }) => headers['x-archipel-attempts'] !== '0');
    expect(asked.map(({ headers }) => headers['x-archipel-attempts'])).toEqual(['1']);
  });

  it('are counted for a key whose budget and rates are used up, and take nothing of either', async () => {
    const upstream = await ScriptedUpstream.open(counted);
    const budgets = [{ id: 'key:tester', capNanoUsd: usd('0') }];
    const gateway = new TestGateway({ targets: [{ provider: 'counter', upstream, wire: 'anthropic' }], budgets });
    onEnd(() => upstream[Symbol.asyncDispose]());
    onEnd(() => gateway[Symbol.asyncDispose]());
    const principal = { limits: { ...noRates, rpm: 1 } };
    for (const content of ['one', 'two', 'three'])
      expect((await gateway.ask({ ...saying(content), principal })).status).toBe(200);
    expect(upstream.calls).toHaveLength(3);
    expect(gateway.standing('key:tester')).toMatchObject({ heldNanoUsd: 0n, spentNanoUsd: 0n });
    // The rate is whole yet: a message comes as far as the budget.
    const message = await gateway.ask({ wire: 'anthropic', path: '/v1/messages', principal });
    expect([message.status, message.headers['x-archipel-error']]).toEqual([402, 'budget_exhausted']);
  });

  it('are known for ten minutes', async () => {
    const { upstream, gateway } = await open();
    await gateway.ask(count);
    gateway.clock.advance(599_000);
    await gateway.ask(count);
    expect(upstream.calls).toHaveLength(1);
    gateway.clock.advance(2_000);
    await gateway.ask(count);
    expect(upstream.calls).toHaveLength(2);
  });

  it.each<[string, TestAsk, TestAsk]>([
    ['of another text', saying('one'), saying('two')],
    ['with another beta', count, { ...count, headers: { 'anthropic-beta': 'tools-2026' } }],
    ['with another query', count, { ...count, query: '?beta=true' }],
    ['for another organisation', count, { ...count, principal: { organisation: 'other', hash: 'e'.repeat(64) } }],
  ])('are others %s', async (_what, one, other) => {
    const { upstream, gateway } = await open();
    await Promise.all([gateway.ask(one), gateway.ask(other), gateway.ask(one), gateway.ask(other)]);
    expect(upstream.calls).toHaveLength(2);
  });

  it('are asked for anew under another configuration', () => {
    const wire = clientWires.get('anthropic');
    assert(wire !== undefined);
    const asked = {
      principal: examplePrincipal,
      wire,
      words: null,
      query: '',
      headers: {},
      body: Buffer.from('the same'),
    };
    const [one, other] = [{}, {}];
    const counts = new TokenCounts({ monotonicMs: () => 0 });
    const kinds = [one, one, other, other, one].map((snapshot) => counts.turn(snapshot, asked).kind);
    expect(kinds).toEqual(['ask', 'wait', 'ask', 'wait', 'ask']);
  });

  it('that a vendor failed to count are asked for by each who waited, and not known', async () => {
    const { upstream, gateway } = await open();
    upstream.always(answer(400, vendorError('no such tool', 'invalid_request_error')));
    const refused = await Promise.all([gateway.ask(count), gateway.ask(count)]);
    expect(refused.map(({ status }) => status)).toEqual([400, 400]);
    expect(upstream.calls).toHaveLength(2);
    upstream.always(counted);
    expect((await gateway.ask(count)).status).toBe(200);
  });

  it('are not waited for by who has left, and the others have them', async () => {
    const { upstream, gateway } = await open();
    const goOn = holding(upstream);
    const first = gateway.start(count);
    const leaves = gateway.start({ ...count, reply: new TestReply() });
    const stays = gateway.start(count);
    leaves.reply.leave();
    await leaves.done;
    expect(gateway.journal.requests).toMatchObject([{ status: 499 }]);
    goOn();
    const replies = await Promise.all([first.done, stays.done]);
    expect(replies.map(({ status }) => status)).toEqual([200, 200]);
    expect(upstream.calls).toHaveLength(1);
  });

  it('are asked for by the next one where the first has left', async () => {
    const { upstream, gateway } = await open();
    upstream.always(hang);
    const leaves = gateway.start(count);
    const others = Array.from({ length: 5 }, () => gateway.start(count));
    while (upstream.calls.length === 0) await new Promise((resolve) => setImmediate(resolve));
    upstream.always(counted);
    leaves.reply.leave();
    const replies = await Promise.all(others.map(({ done }) => done));
    expect(replies.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
    expect(upstream.calls).toHaveLength(2);
  });

  it('are not told to a key that has ended', async () => {
    const { gateway, upstream } = await open();
    const goOn = holding(upstream);
    const first = gateway.start(count);
    const ends = gateway.start({ ...count, principal: { hash: 'e'.repeat(64), key: 'other' } });
    gateway.keys.delete('e'.repeat(64));
    const reply = await ends.done;
    expect([reply.status, reply.headers['x-archipel-error']]).toEqual([401, 'invalid_key']);
    goOn();
    expect((await first.done).status).toBe(200);
  });

  it('that come with a long answer are passed on, and not known', async () => {
    const { upstream, gateway } = await open();
    upstream.always(answer(200, { input_tokens: 9, words: 'x'.repeat(5_000) }));
    expect([(await gateway.ask(count)).status, (await gateway.ask(count)).status]).toEqual([200, 200]);
    expect(upstream.calls).toHaveLength(2);
  });
});
