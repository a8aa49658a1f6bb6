import { afterEach, describe, expect, it } from 'vitest';
import { CodedError } from '../kernel/index.ts';
import { answer, answerStream, hang, reset, ScriptedUpstream, type Script } from '../../test/rigs/ScriptedUpstream.ts';
import { chatAnswer, chatEvents, chatStream, vendorError } from '../../test/rigs/vendorAnswers.ts';
import { errorRow } from './errors.ts';
import { TestGateway, TestReply, usd, type TestGatewayOptions } from './openTestGateway.fixture.ts';

const opened: AsyncDisposable[] = [];
afterEach(async () => {
  for (const one of opened.splice(0).toReversed()) await one[Symbol.asyncDispose]();
});

const openOne = async (options: Omit<TestGatewayOptions, 'targets'> = {}) => {
  const upstream = await ScriptedUpstream.open(answer(200, chatAnswer('fine')));
  const gateway = new TestGateway({ ...options, targets: [{ provider: 'only', upstream }] });
  opened.push(upstream, gateway);
  return { upstream, gateway };
};

const tenDollars = { budgets: [{ id: 'key:tester', capNanoUsd: usd('10') }] } as const;

describe('a client that goes away', () => {
  it('before any content breaks the call off, and the use is estimated', async () => {
    const { upstream, gateway } = await openOne(tenDollars);
    upstream.always(hang);
    const { reply, done } = gateway.start({ stream: true });
    const call = await upstream.call(1);
    reply.leave();
    await done;
    expect(await call.ended).toBe(false);
    expect(gateway.journal.finals).toMatchObject([{ outcome: { kind: 'cancelled' }, basis: 'estimated' }]);
    expect(gateway.journal.requests).toMatchObject([{ status: 499, errorCode: null }]);
    expect(gateway.standing('key:tester')).toMatchObject({ heldNanoUsd: 0n });
  });

  it('inside a stream pays for what it was sent', async () => {
    const { upstream, gateway } = await openOne(tenDollars);
    upstream.always(answerStream(chatEvents.role + chatEvents.text('x'.repeat(400)), 'hang'));
    const { reply, done } = gateway.start({ stream: true });
    await reply.until(({ text }) => text.includes('xxx'));
    reply.leave();
    await done;
    expect(await upstream.calls[0]!.ended).toBe(false);
    const [final] = gateway.journal.finals;
    expect(final).toMatchObject({ outcome: { kind: 'cancelled' }, basis: 'estimated', usage: { output: 100 } });
    expect(BigInt(final!.amountNanoUsd)).toBeGreaterThan(0n);
    expect(gateway.standing('key:tester')).toMatchObject({
      heldNanoUsd: 0n,
      spentNanoUsd: BigInt(final!.amountNanoUsd),
    });
  });

  it('while it waits for a quota is not called for any more', async () => {
    const { upstream, gateway } = await openOne();
    upstream.always(answer(429, vendorError('wait', 'rate_limit_error'), { 'retry-after': '2' }));
    const { reply, done } = gateway.start();
    await upstream.call(1);
    reply.leave();
    await done;
    expect(upstream.calls).toHaveLength(1);
    expect(gateway.journal.requests).toMatchObject([{ status: 499 }]);
  });

  it('says nothing about the health of the target', async () => {
    const { upstream, gateway } = await openOne();
    for (let asked = 1; asked <= 4; asked += 1) {
      upstream.next(hang);
      const { reply, done } = gateway.start();
      await upstream.call(asked);
      reply.leave();
      await done;
    }
    expect((await gateway.ask()).status).toBe(200);
  });
});

describe('a client that reads slowly', () => {
  it('holds the vendor up, so that no more than a few buffers are kept', async () => {
    const { upstream, gateway } = await openOne({ limits: { idleMs: 2_000 } });
    const event = chatEvents.text('x'.repeat(65_536));
    const eventsAll = 400;
    let sent = 0;
    upstream.always(async (response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      for (; sent < eventsAll; sent += 1) {
        if (!response.write(event)) await new Promise<void>((resolve) => response.once('drain', () => resolve()));
      }
      response.end(chatEvents.finish + chatEvents.done);
    });
    const reply = new TestReply();
    reply.appetite = 3;
    const { done } = gateway.start({ stream: true, reply });
    await reply.until(({ appetite }) => appetite === 0);
    // Vendor and gateway share this loop: many turns without a byte mean that the sockets are full and nobody reads.
    for (let turns = 0, seen = sent; turns < 500; turns = seen === sent ? turns + 1 : 0) {
      seen = sent;
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(sent).toBeLessThan(eventsAll / 2);
    const keptBytes = Buffer.byteLength(reply.text);
    expect(keptBytes).toBeLessThan(2_000_000);
    reply.drain(null);
    await done;
    expect(reply.text.split('data: ').length - 1).toBe(eventsAll + 2);
    expect(reply.text.endsWith(chatEvents.done)).toBe(true);
  });

  it('is not a vendor that is silent: its pauses do not end the call', async () => {
    const { upstream, gateway } = await openOne({ limits: { idleMs: 60 } });
    upstream.always(chatStream('patience'));
    const reply = new TestReply();
    reply.appetite = 1;
    upstream.always(async (response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(chatEvents.text('patience'));
      await reply.until(({ chunks }) => chunks.length > 0);
      // tidy-allow test-clock: the pause of the client must be longer than idleMs, which runs on the machine's clock; no figure hangs on it
      await new Promise((resolve) => setTimeout(resolve, 180));
      reply.drain(null);
      response.end(chatEvents.finish + chatEvents.done);
    });
    await gateway.ask({ stream: true, reply });
    expect(reply.text).toContain('[DONE]');
    expect(gateway.journal.finals).toMatchObject([{ outcome: { kind: 'ok' } }]);
  });
});

describe('a client that stood still', () => {
  it.each([
    ['tells nothing of how fast its vendor writes', 60_000, false],
    ['but for a moment tells it as any other', 0, true],
  ])('%s', async (_, stoodMs, isTold) => {
    const { upstream, gateway } = await openOne();
    const reply = new TestReply();
    reply.appetite = 1;
    upstream.always(async (response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(chatEvents.text('patience'));
      await reply.until(({ chunks }) => chunks.length > 0);
      gateway.clock.advance(stoodMs);
      reply.drain(null);
      gateway.clock.advance(1_000);
      response.end(chatEvents.finish + chatEvents.usage(10, 100) + chatEvents.done);
    });
    await gateway.ask({ stream: true, reply, body: { stream_options: { include_usage: true } } });
    const [seen] = gateway.latencies.snapshot(gateway.clock.monotonicMs());
    expect([seen?.firstMs.p50 !== null, seen?.tokensPerS.p50 !== null]).toEqual([true, isTold]);
  });
});

describe('the records of a request', () => {
  it('are an intent before the call, a final before the last byte, and the request', async () => {
    const { upstream, gateway } = await openOne();
    let typesAtCall: readonly string[] = [];
    upstream.always((response, call) => {
      typesAtCall = gateway.journal.records.map(({ type }) => type);
      return chatStream('fine', [7, 2])(response, call);
    });
    const reply = new TestReply();
    let typesAtEnd: readonly string[] = [];
    const end = reply.end.bind(reply);
    reply.end = (bytes) => {
      typesAtEnd = gateway.journal.records.map(({ type }) => type);
      end(bytes);
    };
    await gateway.ask({ stream: true, reply });
    expect(typesAtCall).toEqual(['intent']);
    expect(typesAtEnd).toEqual(['intent', 'final', 'request']);
    const [intent] = gateway.journal.intents;
    const [final] = gateway.journal.finals;
    expect(final).toMatchObject({
      attemptId: intent!.attemptId,
      basis: 'reported',
      usage: { input: 7, output: 2 },
      // 7 x $1 + 2 x $2 a million.
      amountNanoUsd: '11000',
      edits: ['model', 'stream_options.include_usage'],
    });
    expect(gateway.journal.requests).toMatchObject([{ status: 200, attemptIds: [intent!.attemptId] }]);
  });

  it('group durability answers before the disk has them, strict durability after', async () => {
    const group = await openOne();
    group.gateway.journal.holdSyncs();
    expect((await group.gateway.ask()).ended).toBe(true);

    const strict = await openOne({ durability: 'strict' });
    strict.gateway.journal.holdSyncs();
    strict.upstream.always(chatStream('wait for it'));
    const { reply, done } = strict.gateway.start({ stream: true });
    while (strict.gateway.journal.waiting === 0) await new Promise((resolve) => setImmediate(resolve));
    expect(reply.text, 'content is not held up').toContain('wait for it');
    expect(reply.ended).toBe(false);
    expect(reply.text).not.toContain('[DONE]');
    strict.gateway.journal.release();
    await done;
    expect(reply.text).toContain('[DONE]');
  });

  it('an intent that cannot be kept is 503 ledger_unavailable, no vendor is called, and no money stays held', async () => {
    const { upstream, gateway } = await openOne(tenDollars);
    gateway.journal.refused.add('intent');
    const reply = await gateway.ask();
    expect([reply.status, reply.headers['x-archipel-error']]).toEqual([503, 'ledger_unavailable']);
    expect(Number(reply.headers['retry-after'])).toBeGreaterThan(0);
    expect(upstream.calls).toHaveLength(0);
    expect(gateway.standing('key:tester')).toMatchObject({ heldNanoUsd: 0n, spentNanoUsd: 0n });
    gateway.journal.refused.clear();
    expect((await gateway.ask()).status).toBe(200);
  });

  it('a final that cannot be kept gives no answer away, and takes from the budget the most that it can have cost', async () => {
    const { gateway } = await openOne(tenDollars);
    gateway.journal.refused.add('final');
    const reply = await gateway.ask();
    expect([reply.status, reply.headers['x-archipel-error']]).toEqual([503, 'ledger_unavailable']);
    expect(reply.text).not.toContain('fine');
    const standing = gateway.standing('key:tester');
    expect(standing.heldNanoUsd).toBe(0n);
    expect(standing.spentNanoUsd).toBe(BigInt(gateway.journal.intents[0]!.holdNanoUsd));
  });

  it('a request record that cannot be kept still gives the client its answer', async () => {
    const { gateway } = await openOne();
    gateway.journal.refused.add('request');
    expect((await gateway.ask()).status).toBe(200);
    expect(gateway.logLines).toContainEqual(expect.objectContaining({ event: 'record of a request was not kept' }));
  });

  it('records for which there is no room together are kept one after the other', async () => {
    const { gateway } = await openOne();
    const { journal } = gateway;
    const append = journal.append.bind(journal);
    journal.append = (...records) =>
      records.length > 1
        ? Promise.reject(new CodedError('ledger_unavailable', errorRow('ledger_unavailable')))
        : append(...records);
    expect((await gateway.ask()).status).toBe(200);
    expect(journal.records.map(({ type }) => type)).toEqual(['intent', 'final', 'request']);
    expect(gateway.logLines).not.toContainEqual(expect.objectContaining({ event: 'record of a request was not kept' }));
  });
});

describe('holds', () => {
  const scripts: readonly (readonly [string, Script])[] = [
    ['a whole answer', answer(200, chatAnswer('fine'))],
    ['a stream', chatStream('fine')],
    ['an answer without usage', answer(200, { ...chatAnswer('fine'), usage: undefined })],
    ['a cut', answerStream(chatEvents.text('half'), 'reset')],
    ['a refusal of the request', answer(400, vendorError('no'))],
    ['a server error', answer(500, '')],
    ['a reset', reset],
    ['what is no JSON', answer(200, '<html>')],
  ];

  it.each(scripts)('%s leaves nothing held, and what was spent is what the ledger has', async (_, script) => {
    const { upstream, gateway } = await openOne({
      budgets: [
        { id: 'key:tester', capNanoUsd: usd('1') },
        { id: 'team:research', capNanoUsd: usd('2') },
      ],
    });
    upstream.always(script);
    await Promise.all([gateway.ask({ stream: true }), gateway.ask(), gateway.ask({ stream: true }), gateway.ask()]);
    const booked = gateway.journal.finals.reduce((sum, { amountNanoUsd }) => sum + BigInt(amountNanoUsd), 0n);
    for (const scope of ['key:tester', 'team:research']) {
      expect(gateway.standing(scope)).toMatchObject({ heldNanoUsd: 0n, spentNanoUsd: booked });
    }
    expect(gateway.journal.finals.map(({ attemptId }) => attemptId).toSorted()).toEqual(
      gateway.journal.intents.map(({ attemptId }) => attemptId).toSorted(),
    );
    for (const { amountNanoUsd, attemptId } of gateway.journal.finals) {
      const intent = gateway.journal.intents.find((one) => one.attemptId === attemptId);
      expect(BigInt(amountNanoUsd)).toBeLessThanOrEqual(BigInt(intent!.holdNanoUsd));
    }
  });

  it('together never go beyond a hard budget, however many ask at once', async () => {
    const { upstream, gateway } = await openOne({ budgets: [{ id: 'key:tester', capNanoUsd: usd('0.01') }] });
    let asked = 0;
    upstream.always((response, call) => {
      asked += 1;
      const { spentNanoUsd, heldNanoUsd, capNanoUsd } = gateway.standing('key:tester');
      expect(spentNanoUsd + heldNanoUsd).toBeLessThanOrEqual(capNanoUsd);
      return answer(200, chatAnswer('fine', [100, 400]))(response, call);
    });
    const replies = await Promise.all(
      Array.from({ length: 60 }, () => gateway.ask({ body: { max_completion_tokens: 500 } })),
    );
    const statuses = new Set(replies.map(({ status }) => status));
    expect(statuses).toEqual(new Set([200, 402]));
    expect(replies.filter(({ status }) => status === 200)).toHaveLength(asked);
    const refused = replies.find(({ status }) => status === 402);
    expect(refused!.headers['x-archipel-error']).toBe('budget_exhausted');
  });

  it('a request that sets no bound gets the one that the rest of a hard budget buys', async () => {
    const { upstream, gateway } = await openOne({ budgets: [{ id: 'key:tester', capNanoUsd: usd('0.004') }] });
    await gateway.ask();
    const sent = JSON.parse(upstream.calls[0]!.body.toString());
    // (0.004 - input bound x $1/M) / $2/M: the body's bytes and the template's allowance bound the input.
    const inputBound = Buffer.byteLength(JSON.stringify({ model: 'logical', messages: sent.messages })) + 1_024;
    expect(sent.max_completion_tokens).toBe(Math.floor((4_000 - inputBound) / 2));
    expect(gateway.journal.finals[0]!.edits).toContain('max_completion_tokens');
  });

  it('a request that costs nothing however much is written gets no bound', async () => {
    const upstream = await ScriptedUpstream.open(answer(200, chatAnswer('fine')));
    const gateway = new TestGateway({
      targets: [{ provider: 'only', upstream, inputPerMTok: '0', outputPerMTok: '0' }],
      budgets: [{ id: 'key:tester', capNanoUsd: usd('0.004') }],
    });
    opened.push(upstream, gateway);
    await gateway.ask();
    expect(JSON.parse(upstream.calls[0]!.body.toString())).not.toHaveProperty('max_completion_tokens');
  });

  it('where the rest does not buy 256 tokens the request is refused, and nobody is called', async () => {
    const { upstream, gateway } = await openOne({ budgets: [{ id: 'key:tester', capNanoUsd: usd('0.001') }] });
    const reply = await gateway.ask();
    expect([reply.status, reply.headers['x-archipel-error']]).toEqual([402, 'budget_exhausted']);
    expect(upstream.calls).toHaveLength(0);
  });
});
