import { afterEach, describe, expect, it } from 'vitest';
import { examplePrincipal as principal } from '../../test/rigs/examplePrincipal.ts';
import type { Principal } from '../access/index.ts';
import { answer, answerStream, hang, ScriptedUpstream } from '../../test/rigs/ScriptedUpstream.ts';
import { chatAnswer, chatEvents, messageEvents, vendorError } from '../../test/rigs/vendorAnswers.ts';
import { noRates } from '../vocabulary/index.ts';
import { TestGateway, usd, type TestGatewayOptions } from './openTestGateway.fixture.ts';
import { RunningRequests } from './RunningRequests.ts';

const opened: AsyncDisposable[] = [];
afterEach(async () => {
  for (const one of opened.splice(0).toReversed()) await one[Symbol.asyncDispose]();
});

const openOne = async (options: Omit<TestGatewayOptions, 'targets'> = {}, wire = 'openai') => {
  const upstream = await ScriptedUpstream.open(answer(200, chatAnswer('fine')));
  const gateway = new TestGateway({ ...options, targets: [{ provider: 'only', upstream, wire }] });
  opened.push(upstream, gateway);
  return { upstream, gateway };
};

const tenDollars = { budgets: [{ id: 'key:tester', capNanoUsd: usd('10') }] } as const;
const aDay = 86_400_000;

/** Ways in which the key of a request that runs can end, and what its holder is told. */
const ends: readonly (readonly [what: string, words: string, end: (gateway: TestGateway) => void])[] = [
  ['revoked', 'This key is revoked.', (gateway) => change(gateway, { revokedAtMs: gateway.clock.nowMs() })],
  ['replaced', 'This key is expired.', (gateway) => change(gateway, { expiresAtMs: gateway.clock.nowMs() })],
  ['removed', 'unknown, expired or revoked.', (gateway) => gateway.keys.clear()],
  ['left without a team', 'This key is orphaned', (gateway) => change(gateway, { orphaned: true })],
];

const change = ({ keys }: TestGateway, changes: Partial<Principal>): void =>
  void keys.set(principal.hash, { ...principal, ...changes });

describe('a stream whose key is', () => {
  it.each(ends)('%s ends with the error of its wire, and what was produced is billed [A7]', async (_, words, end) => {
    const { upstream, gateway } = await openOne(tenDollars);
    upstream.always(answerStream(chatEvents.role + chatEvents.text('x'.repeat(400)), 'hang'));
    const { reply, done } = gateway.start({ stream: true });
    await reply.until(({ text }) => text.includes('xxx'));
    end(gateway);
    await done;
    const last = reply.text.trim().split('data: ').at(-1)!;
    expect(JSON.parse(last)).toMatchObject({ error: { code: 'invalid_key', message: expect.stringContaining(words) } });
    expect(reply.text).not.toContain('[DONE]');
    expect(await upstream.calls[0]!.ended, 'the vendor is not called any more').toBe(false);
    const [final] = gateway.journal.finals;
    expect(final).toMatchObject({ outcome: { kind: 'cancelled' }, basis: 'estimated', usage: { output: 100 } });
    expect(gateway.journal.requests).toMatchObject([{ status: 401, errorCode: 'invalid_key' }]);
    expect(gateway.standing('key:tester')).toMatchObject({
      heldNanoUsd: 0n,
      spentNanoUsd: BigInt(final!.amountNanoUsd),
    });
  });

  it('over, on the other wire, ends with an event "error" of that wire', async () => {
    const { upstream, gateway } = await openOne({}, 'anthropic');
    upstream.always(answerStream(messageEvents.start(10) + messageEvents.open + messageEvents.text('xxx'), 'hang'));
    const { reply, done } = gateway.start({ wire: 'anthropic', stream: true });
    await reply.until(({ text }) => text.includes('xxx'));
    change(gateway, { revokedAtMs: 0 });
    await done;
    expect(reply.text).toMatch(/event: error\ndata: [^\n]*"authentication_error"[^\n]*is revoked[^\n]*\n\n$/);
  });

  it('valid until a day ends when the day has come, though nobody changed a key', async () => {
    const { upstream, gateway } = await openOne();
    upstream.always(answerStream(chatEvents.role + chatEvents.text('xxx'), 'hang'));
    const expiresAtMs = gateway.clock.nowMs() + aDay;
    const { reply, done } = gateway.start({ stream: true, principal: { expiresAtMs } });
    await reply.until(({ text }) => text.includes('xxx'));
    gateway.clock.advance(aDay);
    await done;
    expect(reply.text).toContain('This key is expired.');
  });
});

describe('a request whose key ends', () => {
  it('before any content is refused as if it had come later', async () => {
    const { upstream, gateway } = await openOne(tenDollars);
    upstream.always(hang);
    const { reply, done } = gateway.start();
    const call = await upstream.call(1);
    change(gateway, { revokedAtMs: 0 });
    await done;
    expect(await call.ended).toBe(false);
    expect([reply.status, reply.headers['x-archipel-error']]).toEqual([401, 'invalid_key']);
    expect(gateway.standing('key:tester')).toMatchObject({ heldNanoUsd: 0n });
  });

  it('while it waits for a quota is refused, and nobody is called for it again', async () => {
    const { upstream, gateway } = await openOne();
    upstream.always(answer(429, vendorError('wait', 'rate_limit_error'), { 'retry-after': '2' }));
    const { reply, done } = gateway.start();
    await upstream.call(1);
    change(gateway, { revokedAtMs: 0 });
    await done;
    expect(reply.status).toBe(401);
    expect(upstream.calls).toHaveLength(1);
  });

  it('while its body came in reaches no vendor', async () => {
    const { upstream, gateway } = await openOne();
    gateway.keys.set(principal.hash, { ...principal, revokedAtMs: 0 });
    const reply = await gateway.ask({ stream: true });
    expect([reply.status, reply.json['error']]).toMatchObject([401, { code: 'invalid_key' }]);
    expect(upstream.calls).toHaveLength(0);
    expect(gateway.journal.intents).toHaveLength(0);
  });

  it('leaves those of other keys alone, and its own where only its limits have changed', async () => {
    const { upstream, gateway } = await openOne();
    upstream.always(answerStream(chatEvents.role + chatEvents.text('xxx'), 'hang'));
    const mine = gateway.start({ stream: true });
    const other = gateway.start({ stream: true, principal: { hash: 'e'.repeat(64), key: 'other' } });
    for (const { reply } of [mine, other]) await reply.until(({ text }) => text.includes('xxx'));
    change(gateway, { limits: { ...noRates, rpm: 1, tpm: 1 } });
    gateway.keys.delete('e'.repeat(64));
    await other.done;
    expect(mine.reply.ended).toBe(false);
    mine.reply.leave();
    await mine.done;
  });
});

it('nobody who is not looked at is ended: without the look, a stream outlives its key', () => {
  const keys = new Map([[principal.hash, principal]]);
  const ended: string[] = [];
  const running = new RunningRequests(() => keys, { nowMs: () => 0 });
  running.enter({ principal, endKey: (why) => void ended.push(why), shutDown: () => {} });
  keys.clear();
  expect(ended).toEqual([]);
  running.look();
  expect(ended).toEqual(['unknown']);
});

it('who has left is not told', () => {
  const ended: string[] = [];
  const running = new RunningRequests(() => new Map(), { nowMs: () => 0 });
  const request = { principal, endKey: () => void ended.push('other'), shutDown: () => {} };
  const others = [running.enter(request), running.enter(request), running.enter(request)];
  const leave = running.enter({ ...request, endKey: () => void ended.push('left') });
  running.enter({ ...request, endKey: () => void ended.push('last') });
  for (const one of [leave, ...others]) one();
  running.look();
  expect([running.count, ended]).toEqual([1, ['last']]);
});
