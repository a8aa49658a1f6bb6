import { afterEach, describe, expect, it } from 'vitest';
import { answer, answerStream, hang, ScriptedUpstream } from '../../test/rigs/ScriptedUpstream.ts';
import { chatAnswer, chatEvents, messageEvents } from '../../test/rigs/vendorAnswers.ts';
import { TestGateway, usd } from './openTestGateway.fixture.ts';

const opened: AsyncDisposable[] = [];
afterEach(async () => {
  for (const one of opened.splice(0).toReversed()) await one[Symbol.asyncDispose]();
});

const open = async (wire = 'openai') => {
  const upstream = await ScriptedUpstream.open(answer(200, chatAnswer('fine')));
  const budgets = [{ id: 'key:tester', capNanoUsd: usd('10') }];
  const gateway = new TestGateway({ budgets, targets: [{ provider: 'only', upstream, wire }] });
  opened.push(upstream, gateway);
  return { upstream, gateway };
};

describe('a gateway that waits no longer', () => {
  it('ends streams in the words of the chat wire, and bills what was produced', async () => {
    const { upstream, gateway } = await open();
    upstream.always(answerStream(chatEvents.role + chatEvents.text('x'.repeat(400)), 'hang'));
    const { reply, done } = gateway.start({ stream: true });
    await reply.until(({ text }) => text.includes('xxx'));
    expect(gateway.gateway.shutDown()).toBe(1);
    await done;
    const last = reply.text.trim().split('data: ').at(-1)!;
    expect(JSON.parse(last)).toMatchObject({
      error: { code: 'overloaded', message: expect.stringContaining('shutting down') },
    });
    expect(reply.text).not.toContain('[DONE]');
    expect(await upstream.calls[0]!.ended, 'the vendor is not called any more').toBe(false);
    expect(gateway.journal.finals).toMatchObject([{ outcome: { kind: 'cancelled' }, usage: { output: 100 } }]);
    expect(gateway.journal.requests).toMatchObject([{ status: 503, errorCode: 'overloaded' }]);
    expect(gateway.standing('key:tester')).toMatchObject({ heldNanoUsd: 0n });
  });

  it('ends streams in the words of the messages wire', async () => {
    const { upstream, gateway } = await open('anthropic');
    upstream.always(answerStream(messageEvents.start(10) + messageEvents.open + messageEvents.text('xxx'), 'hang'));
    const { reply, done } = gateway.start({ wire: 'anthropic', stream: true });
    await reply.until(({ text }) => text.includes('xxx'));
    gateway.gateway.shutDown();
    await done;
    expect(reply.text).toMatch(/event: error\ndata: [^\n]*"overloaded_error"[^\n]*shutting down[^\n]*\n\n$/);
  });

  it('refuses what has no content yet, with a time to come back, and what comes after it', async () => {
    const { upstream, gateway } = await open();
    upstream.always(hang);
    const { reply, done } = gateway.start();
    await upstream.call(1);
    gateway.gateway.shutDown();
    await done;
    const late = await gateway.ask();
    for (const one of [reply, late]) {
      expect([one.status, one.headers['x-archipel-error'], one.headers['retry-after']]).toEqual([
        503,
        'overloaded',
        '1',
      ]);
    }
    expect(upstream.calls).toHaveLength(1);
  });
});
