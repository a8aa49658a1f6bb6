import { expect, test } from 'vitest';

import { endAfterEach } from '../../test/rigs/endAfterEach.ts';
import { answer, ScriptedUpstream, type ReceivedCall } from '../../test/rigs/ScriptedUpstream.ts';
import { chatAnswer, messageAnswer, messageEvents } from '../../test/rigs/vendorAnswers.ts';
import { TestGateway, usd, type TestReply, type TestTarget } from './openTestGateway.fixture.ts';

const end = endAfterEach();

const message = (id: string): object => ({ ...messageAnswer('The tide comes in.'), id });

/** Targets of the Messages API, each dearer than the one before. */
const openTargets = async (...more: readonly Partial<TestTarget>[]) => {
  const upstreams: ScriptedUpstream[] = [];
  const targets: TestTarget[] = [];
  for (const [index, one] of more.entries()) {
    const provider = 'abc'.charAt(index);
    const upstream = await ScriptedUpstream.open(answer(200, message(`msg_${provider}`)));
    end(() => upstream[Symbol.asyncDispose]());
    upstreams.push(upstream);
    targets.push({ provider, upstream, wire: 'anthropic', inputPerMTok: String(1 + index), ...one });
  }
  const gateway = new TestGateway({ targets });
  end(() => gateway[Symbol.asyncDispose]());
  const [a, b] = upstreams;
  return { a: a!, b: b!, gateway };
};

const holds = { holdsConversations: true } as const;
const begun = { thread: { type: 'create' } };
const continued = (id: string) => ({ thread: { type: 'continue', previous_message_id: id } });

const ask = (gateway: TestGateway, body: Readonly<Record<string, unknown>>, stream = false): Promise<TestReply> =>
  gateway.ask({ wire: 'anthropic', body, stream });

const threadOf = ({ body }: ReceivedCall): unknown => JSON.parse(body.toString()).thread;
/** An error of the Messages API. */
interface ToldError {
  readonly error: { readonly type: string; readonly details?: object };
}

const errorOf = (reply: TestReply): ToldError['error'] => (JSON.parse(reply.text) as ToldError).error;
const targetOf = (reply: TestReply): string | undefined => reply.headers['x-archipel-target'];

const apiError = { type: 'error', error: { type: 'api_error', message: 'Internal server error' } };
const down = answer(500, apiError, { 'x-should-retry': 'false' });

test('a conversation goes on where it is held, though another target is cheaper by then', async () => {
  const { a, b, gateway } = await openTargets(holds, holds);
  a.next(down);
  expect(targetOf(await ask(gateway, begun))).toBe('b/vendor-model');
  const next = await ask(gateway, continued('msg_b'));
  expect([next.status, targetOf(next)]).toEqual([200, 'b/vendor-model']);
  expect(b.calls.map(threadOf)).toEqual([begun.thread, { type: 'continue', previous_message_id: 'msg_b' }]);
  expect(a.calls).toHaveLength(1);
});

test('it is known from a stream as well', async () => {
  const { a, b, gateway } = await openTargets(holds, holds);
  a.next(down);
  const { start, open, text, close, delta, stop } = messageEvents;
  b.next((response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.end(start(10) + open + text('tide') + close + delta(3) + stop);
  });
  await ask(gateway, begun, true);
  expect(targetOf(await ask(gateway, continued('msg_t')))).toBe('b/vendor-model');
});

test('where its holder is out, nobody gets half of it: the client is told that it is gone, so that it sends the whole', async () => {
  const { a, b, gateway } = await openTargets(holds, holds);
  await ask(gateway, begun);
  a.always(down);
  const told = await ask(gateway, continued('msg_a'));
  expect([told.status, told.headers['x-archipel-error']]).toEqual([404, 'state_target_gone']);
  expect(errorOf(told).type).toBe('not_found_error');
  expect(errorOf(told).details).toEqual({ error_code: 'thread_not_found' });
  expect(b.calls).toEqual([]);
  // What the SDK does then: the whole conversation, as a new thread.
  expect(targetOf(await ask(gateway, begun))).toBe('b/vendor-model');
});

test('where its holder is out and others hold none, the client is told so, and they serve the whole', async () => {
  const { a, b, gateway } = await openTargets(holds, {});
  await ask(gateway, begun);
  a.always(down);
  const gone = await ask(gateway, continued('msg_a'));
  expect([gone.status, errorOf(gone).details]).toEqual([404, { error_code: 'thread_not_found' }]);
  // The SDK begins it anew, which nobody can hold now.
  const told = await ask(gateway, begun);
  expect([told.status, told.headers['x-archipel-error']]).toEqual([400, 'unsupported_feature']);
  expect(errorOf(told).details).toEqual({ error_code: 'thread_unsupported_request', unsupported: ['thread'] });
  expect(b.calls).toEqual([]);
  expect(targetOf(await ask(gateway, {}))).toBe('b/vendor-model');
});

test('where nobody else could take it either, the client is told to come back', async () => {
  const { a, gateway } = await openTargets(holds);
  await ask(gateway, begun);
  a.always(down);
  const told = await ask(gateway, continued('msg_a'));
  expect([told.status, told.headers['x-archipel-error']]).toEqual([502, 'all_targets_failed']);
});

test('nobody is sent a conversation to hold who holds none', async () => {
  const { a, b, gateway } = await openTargets({}, holds);
  expect(targetOf(await ask(gateway, begun))).toBe('b/vendor-model');
  expect(targetOf(await ask(gateway, {}))).toBe('a/vendor-model');
  expect([a, b].map(({ calls }) => calls.map(threadOf))).toEqual([[undefined], [begun.thread]]);
});

test.each([
  ['of its wire', {}],
  ['of another wire', { wire: 'openai' }],
])('where no target %s holds any, the client is told to go on without', async (_, more) => {
  const { a, gateway } = await openTargets(more, more);
  a.always(answer(200, 'wire' in more ? chatAnswer('tide') : message('msg_a')));
  const told = await ask(gateway, begun);
  expect([told.status, told.headers['x-archipel-error']]).toEqual([400, 'unsupported_feature']);
  expect(errorOf(told).details).toEqual({ error_code: 'thread_unsupported_request', unsupported: ['thread'] });
  expect((await ask(gateway, {})).status).toBe(200);
});

test('one that is not known here is its vendor’s to refuse', async () => {
  const { a, gateway } = await openTargets(holds, holds);
  const error = { type: 'not_found_error', message: 'no such thread', details: { error_code: 'thread_not_found' } };
  a.always(answer(404, { type: 'error', error }));
  const told = await ask(gateway, continued('msg_elsewhere'));
  expect([told.status, errorOf(told).details]).toEqual([404, { error_code: 'thread_not_found' }]);
});

test('a spent budget is told as such, though another target holds none', async () => {
  const { a, b } = await openTargets(holds, {});
  const targets: TestTarget[] = [
    { provider: 'a', upstream: a, wire: 'anthropic', ...holds },
    { provider: 'b', upstream: b, wire: 'anthropic' },
  ];
  const gateway = new TestGateway({ targets, budgets: [{ id: 'key:tester', capNanoUsd: usd('0.0000001') }] });
  end(() => gateway[Symbol.asyncDispose]());
  const told = await ask(gateway, begun);
  expect([told.status, told.headers['x-archipel-error']]).toEqual([402, 'budget_exhausted']);
});
