// Targets that say what a client's wire says, and are reached in another way (Azure's deployments): its bytes pass as they are.
import { expect, test } from 'vitest';
import { endAfterEach } from '../../test/rigs/endAfterEach.ts';
import { answer, ScriptedUpstream } from '../../test/rigs/ScriptedUpstream.ts';
import { chatAnswer, chatStream } from '../../test/rigs/vendorAnswers.ts';
import { Secret } from '../kernel/index.ts';
import { authorizerOf } from '../providers/index.ts';
import { TestGateway, type TestTarget } from './openTestGateway.fixture.ts';

const end = endAfterEach();

const open = async (more: Partial<TestTarget> = {}) => {
  const upstream = await ScriptedUpstream.open(answer(200, chatAnswer('from a deployment')));
  end(() => upstream[Symbol.asyncDispose]());
  const target = {
    provider: 'a',
    upstream,
    wire: 'azure-openai',
    model: 'our chat/4',
    query: 'api-version=2024-10-21',
    ...more,
  };
  const gateway = new TestGateway({ targets: [target] });
  end(() => gateway[Symbol.asyncDispose]());
  return { upstream, gateway };
};

const path = '/openai/deployments/our%20chat%2F4/chat/completions?api-version=2024-10-21';

test('the path names the deployment, the query the version, a header of its own the key', async () => {
  const { upstream, gateway } = await open();
  const { status, headers, json } = await gateway.ask();
  expect([status, headers['x-archipel-target']]).toEqual([200, 'a/our chat/4']);
  expect(json).toEqual(chatAnswer('from a deployment'));
  const [call] = upstream.calls;
  expect(call?.path).toBe(path);
  expect([call?.headers['api-key'], call?.headers['authorization']]).toEqual(['sk-a', undefined]);
});

test('a client of that wire is not translated: what no other wire has a word for passes', async () => {
  const { upstream, gateway } = await open();
  const reply = await gateway.ask({ body: { n: 2, logprobs: true, future_member: { a: [1, null] } } });
  expect([reply.status, reply.headers['x-archipel-dropped']]).toEqual([200, undefined]);
  expect(JSON.parse(upstream.calls[0]?.body.toString() ?? '')).toMatchObject({
    model: 'our chat/4',
    n: 2,
    logprobs: true,
    future_member: { a: [1, null] },
  });
});

test('a stream is observed as that wire’s: usage is asked for, hidden, and billed', async () => {
  const { upstream, gateway } = await open();
  upstream.next(chatStream('tide', [10, 3]));
  const { text } = await gateway.ask({ stream: true });
  expect(text).toContain('tide');
  expect(text).not.toContain('prompt_tokens');
  expect(gateway.journal.finals[0]).toMatchObject({ basis: 'reported', usage: { input: 10, output: 3 } });
});

test('a client of another wire is translated, and an embedding passes', async () => {
  const { upstream, gateway } = await open();
  const { json } = await gateway.ask({ wire: 'anthropic' });
  expect(json).toMatchObject({ type: 'message', content: [{ type: 'text', text: 'from a deployment' }] });
  upstream.next(answer(200, { object: 'list', data: [], usage: { prompt_tokens: 1, total_tokens: 1 } }));
  await gateway.ask({ path: '/v1/embeddings', body: { input: 'tide', messages: undefined } });
  expect(upstream.calls.map((call) => call.path)).toEqual([path, path.replace('chat/completions', 'embeddings')]);
});

test('a token goes as Authorization: Bearer in place of a key, and is kept from what the vendor repeats', async () => {
  const bearerToken = new Secret('entra-token-of-a-test-0123456789');
  const { upstream, gateway } = await open({ authorizer: authorizerOf({ bearerToken }, null) });
  await gateway.ask();
  const [call] = upstream.calls;
  expect([call?.headers['api-key'], call?.headers['authorization']]).toEqual([
    undefined,
    `Bearer ${bearerToken.reveal()}`,
  ]);
  upstream.always(
    answer(400, { error: { message: `not for ${bearerToken.reveal()}`, type: 'invalid_request_error' } }),
  );
  expect((await gateway.ask()).text).not.toContain(bearerToken.reveal());
});
