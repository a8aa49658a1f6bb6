import { readFileSync } from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';
import { answer, answerStream, hang, reset, ScriptedUpstream } from '../../test/rigs/ScriptedUpstream.ts';
import { chatAnswer, chatEvents, chatStream, messageEvents, vendorError } from '../../test/rigs/vendorAnswers.ts';
import { TestGateway, type TestGatewayOptions } from './openTestGateway.fixture.ts';

const opened: AsyncDisposable[] = [];
afterEach(async () => {
  for (const one of opened.splice(0).toReversed()) await one[Symbol.asyncDispose]();
});

/** A cheap target that is tried first, and a dear one behind it. */
const openPair = async (options: Omit<TestGatewayOptions, 'targets'> = {}) => {
  const first = await ScriptedUpstream.open();
  const second = await ScriptedUpstream.open();
  const gateway = new TestGateway({
    ...options,
    targets: [
      { provider: 'first', upstream: first, inputPerMTok: '1', outputPerMTok: '1' },
      { provider: 'second', upstream: second, inputPerMTok: '5', outputPerMTok: '5' },
    ],
  });
  opened.push(first, second, gateway);
  return { first, second, gateway };
};

const openOne = async (options: Omit<TestGatewayOptions, 'targets'> = {}) => {
  const upstream = await ScriptedUpstream.open();
  const gateway = new TestGateway({ ...options, targets: [{ provider: 'only', upstream }] });
  opened.push(upstream, gateway);
  return { upstream, gateway };
};

const caseFile = (name: string): string =>
  readFileSync(new URL(`../../test/fixtures/cases/${name}`, import.meta.url), 'utf8');

describe('before the first content', () => {
  const early = [
    ['refuses the connection', reset],
    ['answers 500', answer(500, vendorError('broken', 'server_error'))],
    ['answers 503 as a page', answer(503, '<html>', { 'content-type': 'text/html' })],
    ['ends the stream after its preamble', answerStream(chatEvents.role)],
    ['breaks the connection after its preamble', answerStream(chatEvents.role, 'reset')],
    ['sends an error after its preamble', answerStream(chatEvents.role + chatEvents.error)],
    ['sends what is no event of its wire', answerStream('data: {"id":"\u0000\n\ndata: <<<<\n\n')],
    ['answers a stream with a page', answer(200, '<html>', { 'content-type': 'text/html' })],
    ['ends with [DONE] and no answer', answerStream(chatEvents.done)],
  ] as const;

  it.each(early)('a vendor that %s is replaced unseen', async (_, script) => {
    const { first, second, gateway } = await openPair();
    first.always(script);
    second.always(chatStream('from the second'));
    const reply = await gateway.ask({ stream: true });
    expect(reply.status).toBe(200);
    expect(reply.headers).toMatchObject({ 'x-archipel-target': 'second/vendor-model', 'x-archipel-attempts': '2' });
    expect(reply.text).toBe(chatEvents.role + chatEvents.text('from the second') + chatEvents.finish + chatEvents.done);
    expect(gateway.journal.finals.map(({ outcome }) => outcome.kind)).toEqual(['failed', 'ok']);
  });

  it('a whole answer that is broken off is replaced unseen', async () => {
    const { first, second, gateway } = await openPair();
    first.always((response) => {
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': '1000' });
      response.write('{"id":"half', () => response.destroy());
    });
    second.always(answer(200, chatAnswer('whole')));
    const reply = await gateway.ask();
    expect(reply.json).toEqual(chatAnswer('whole'));
    expect(reply.headers['x-archipel-target']).toBe('second/vendor-model');
  });

  it('a vendor that says nothing within firstByteMs is left', async () => {
    const { first, second, gateway } = await openPair({ limits: { firstByteMs: 50 } });
    first.always(hang);
    second.always(chatStream('from the second'));
    const reply = await gateway.ask({ stream: true });
    expect(reply.headers['x-archipel-target']).toBe('second/vendor-model');
    expect(gateway.journal.finals[0]).toMatchObject({
      outcome: { kind: 'failed', failure: { class: 'transient', cause: 'first_byte_timeout' } },
    });
    expect(await first.calls[0]!.ended).toBe(false);
  });

  it('a refusal of the request itself goes back as the vendor said it, and nobody else is asked', async () => {
    const { first, second, gateway } = await openPair();
    const refusal = JSON.stringify(vendorError("Invalid 'messages'"), null, 2);
    first.always(answer(400, refusal));
    const reply = await gateway.ask({ stream: true });
    expect(reply.status).toBe(400);
    expect(reply.text).toBe(refusal);
    expect(second.calls).toHaveLength(0);
    expect(gateway.journal.requests[0]).toMatchObject({ status: 400, errorCode: null });
  });
});

describe('after the first content', () => {
  it('a cut ends in an error of the wire, and never in [DONE]', async () => {
    const { first, second, gateway } = await openPair();
    first.always(answerStream(chatEvents.role + chatEvents.text('half an'), 'reset'));
    const reply = await gateway.ask({ stream: true });
    expect(reply.status).toBe(200);
    expect(reply.text.startsWith(chatEvents.role + chatEvents.text('half an'))).toBe(true);
    const last = JSON.parse(reply.text.trim().split('\n\n').at(-1)!.slice('data: '.length));
    expect(last).toMatchObject({ error: { type: 'upstream_truncated', code: 'upstream_truncated' } });
    expect(reply.text).not.toContain('[DONE]');
    expect(second.calls).toHaveLength(0);
    expect(gateway.journal.finals[0]).toMatchObject({ outcome: { kind: 'failed' }, basis: 'estimated' });
    expect(gateway.journal.requests[0]).toMatchObject({ errorCode: 'upstream_truncated' });
  });

  it('a cut on the messages wire ends in its error event, and never in message_stop', async () => {
    const upstream = await ScriptedUpstream.open(
      answerStream(messageEvents.start(5) + messageEvents.open + messageEvents.text('half')),
    );
    const gateway = new TestGateway({ targets: [{ provider: 'only', upstream, wire: 'anthropic' }] });
    opened.push(upstream, gateway);
    const reply = await gateway.ask({ wire: 'anthropic', stream: true });
    const last = reply.text.trim().split('\n\n').at(-1)!;
    expect(last).toMatch(/^event: error\ndata: /);
    expect(last).toContain('"code":"upstream_truncated"');
    expect(reply.text).not.toContain('message_stop');
    expect(gateway.journal.finals[0]).toMatchObject({ basis: 'estimated', usage: { input: 5 } });
  });

  it('a vendor that falls silent is cut after idleMs', async () => {
    const { upstream, gateway } = await openOne({ limits: { idleMs: 50 } });
    upstream.always(answerStream(chatEvents.text('and then'), 'hang'));
    const reply = await gateway.ask({ stream: true });
    expect(reply.text).toContain('upstream_truncated');
    expect(await upstream.calls[0]!.ended).toBe(false);
  });

  it('an answer that is not streamed is never handed on in part', async () => {
    const { upstream, gateway } = await openOne({ limits: { attempts: 1 } });
    upstream.always((response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.write('{"choices":[{"message":{"content":"ha', () => response.destroy());
    });
    const reply = await gateway.ask();
    expect(reply.status).toBe(502);
    expect(reply.headers['x-archipel-error']).toBe('all_targets_failed');
    expect(reply.text).not.toContain('"ha');
  });

  it('an answer larger than answerBytes is refused instead of kept', async () => {
    const { upstream, gateway } = await openOne({ limits: { answerBytes: 1_000, attempts: 1 } });
    upstream.always(answer(200, chatAnswer('x'.repeat(2_000))));
    const reply = await gateway.ask();
    expect(reply.status).toBe(502);
    expect(gateway.journal.finals[0]).toMatchObject({ outcome: { failure: { cause: 'answer_too_large' } } });
  });

  it('a vendor that never comes to the point is not listened to for ever', async () => {
    const { upstream, gateway } = await openOne({ limits: { answerBytes: 1_000, attempts: 1 } });
    upstream.always(answerStream(': nothing yet\n\n'.repeat(100), 'hang'));
    const reply = await gateway.ask({ stream: true });
    expect(reply.status).toBe(502);
    expect(gateway.journal.finals[0]).toMatchObject({ outcome: { failure: { cause: 'preamble_too_large' } } });
    expect(await upstream.calls[0]!.ended).toBe(false);
  });
});

describe('case 09: an upstream that closes without a word', () => {
  const request = JSON.parse(caseFile('09-upstream-cut-clean-end.request.json'));

  it('in the middle of the answer is a truncation', async () => {
    const { upstream, gateway } = await openOne();
    const sent = caseFile('09-upstream-cut-clean-end.upstream.sse');
    upstream.always(answerStream(sent));
    const reply = await gateway.ask({ body: { ...request, model: 'logical' } });
    expect(reply.text.startsWith(sent)).toBe(true);
    expect(reply.text.slice(sent.length)).toMatch(/^data: \{"error":.*"type":"upstream_truncated"/);
    expect(reply.text).not.toContain('[DONE]');
    expect(gateway.journal.finals[0]).toMatchObject({
      outcome: { kind: 'failed', failure: { class: 'protocol', cause: 'no_terminal_event' } },
    });
  });

  it('after its finish reason is a success, which the client sees closed by [DONE]', async () => {
    const { upstream, gateway } = await openOne();
    const sent = caseFile('09-upstream-cut-clean-end.upstream-no-done-but-finished.sse');
    upstream.always(answerStream(sent));
    const reply = await gateway.ask({ body: { ...request, model: 'logical' } });
    expect(reply.text).toBe(`${sent}data: [DONE]\n\n`);
    expect(gateway.journal.finals[0]).toMatchObject({ outcome: { kind: 'ok' } });
  });
});

describe('case 13: comments between the events', () => {
  it('reach the client as comments, never as data', async () => {
    const { upstream, gateway } = await openOne();
    const sent = caseFile('13-sse-comment-as-data.upstream.sse');
    upstream.always(answerStream(sent));
    const reply = await gateway.ask({ stream: true });
    expect(reply.text).toBe(sent);
    expect(reply.text).not.toMatch(/^data: ?:/m);
    expect(gateway.journal.finals[0]).toMatchObject({ outcome: { kind: 'ok' } });
  });

  it('with every line ended by CR alone, the last event is not lost', async () => {
    const { upstream, gateway } = await openOne();
    const sent = (chatEvents.text('A') + chatEvents.finish + chatEvents.done).replaceAll('\n', '\r');
    upstream.always(answerStream(sent));
    const reply = await gateway.ask({ stream: true });
    expect(reply.text).toBe(sent);
    expect(gateway.journal.finals[0]).toMatchObject({ outcome: { kind: 'ok' } });
  });

  it('at every split of the bytes the client gets the same', async () => {
    const { upstream, gateway } = await openOne();
    const sent = Buffer.from(chatEvents.role + chatEvents.text('é') + chatEvents.finish + chatEvents.done);
    for (let split = 1; split < sent.length; split += 7) {
      upstream.next(async (response) => {
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        await new Promise<void>((resolve) => response.write(sent.subarray(0, split), () => resolve()));
        response.end(sent.subarray(split));
      });
      const reply = await gateway.ask({ stream: true });
      expect(reply.text).toBe(sent.toString());
    }
  });
});

describe('while nothing was seen for holdHeadersMs', () => {
  it('the head goes out without a target, pings keep the stream alive, and content still comes', async () => {
    const { upstream, gateway } = await openOne({ limits: { holdHeadersMs: 20, pingMs: 20 } });
    let release = (): void => {};
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    upstream.always(async (response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(chatEvents.role);
      await released;
      response.end(chatEvents.text('late') + chatEvents.finish + chatEvents.done);
    });
    const { reply, done } = gateway.start({ stream: true });
    await reply.until(({ text }) => text.split(': ping\n').length > 2);
    expect(reply.status).toBe(200);
    expect(reply.headers).not.toHaveProperty('x-archipel-target');
    release();
    await done;
    expect(reply.text.replaceAll(': ping\n', '')).toBe(
      chatEvents.role + chatEvents.text('late') + chatEvents.finish + chatEvents.done,
    );
  });

  it('another target may still take over, and the preamble of the first never leaks', async () => {
    const { first, second, gateway } = await openPair({ limits: { holdHeadersMs: 0, pingMs: 10 } });
    const { reply, done } = gateway.start({ stream: true });
    first.always(async (response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write('data: {"id":"first","choices":[{"index":0,"delta":{"role":"assistant"}}]}\n\n');
      await reply.until(({ status }) => status === 200);
      response.destroy();
    });
    second.always(chatStream('from the second'));
    await done;
    expect(reply.text).toContain('from the second');
    expect(reply.text).not.toContain('"id":"first"');
  });

  it('failure of all is told in-band', async () => {
    const { upstream, gateway } = await openOne({ limits: { holdHeadersMs: 0, attempts: 1 } });
    const { reply, done } = gateway.start({ stream: true });
    upstream.always(async (response) => {
      await reply.until(({ status }) => status === 200);
      response.destroy();
    });
    await done;
    expect(reply.headers).not.toHaveProperty('x-archipel-error');
    expect(reply.text).toContain('"code":"all_targets_failed"');
    expect(reply.text).not.toContain('[DONE]');
    expect(gateway.journal.requests[0]).toMatchObject({ status: 502, errorCode: 'all_targets_failed' });
  });
});
