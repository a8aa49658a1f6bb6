// Targets whose calls are signed and whose streams come in binary messages (Amazon Bedrock), for clients of the other wires.
import { afterEach, describe, expect, it } from 'vitest';
import { answer, answerStream, ScriptedUpstream, type ReceivedCall } from '../../test/rigs/ScriptedUpstream.ts';
import { chatAnswer, chatStream } from '../../test/rigs/vendorAnswers.ts';
import { isRightlySigned, secretAccessKey, sessionToken, signingFor } from '../../test/rigs/signedCalls.ts';
import { eventMessage, exceptionMessage } from '../../test/rigs/eventMessages.ts';
import { TestGateway, type TestTarget } from './openTestGateway.fixture.ts';

const opened: AsyncDisposable[] = [];
afterEach(async () => {
  for (const one of opened.splice(0).toReversed()) await one[Symbol.asyncDispose]();
});

const signing = signingFor('eu-west-3');
const model = 'eu.anthropic.claude-sonnet-4-5-20250929-v1:0';

const usage = { inputTokens: 10, outputTokens: 3, totalTokens: 20, cacheReadInputTokens: 7, cacheWriteInputTokens: 0 };
const whole = (content: readonly object[], stopReason = 'end_turn') => ({
  output: { message: { role: 'assistant', content } },
  stopReason,
  usage,
  metrics: { latencyMs: 5 },
});

const start = eventMessage('messageStart', { role: 'assistant', p: 'abcd' });
const delta = (index: number, said: object) =>
  eventMessage('contentBlockDelta', { contentBlockIndex: index, delta: said });
const stop = (stopReason = 'end_turn') => eventMessage('messageStop', { stopReason });
const metadata = eventMessage('metadata', { usage, metrics: { latencyMs: 5 } });
const streamOf = (...messages: readonly Uint8Array[]) =>
  answerStream(Buffer.concat(messages), 'end', { 'content-type': 'application/vnd.amazon.eventstream' });

/** Two targets: `a` on Bedrock, and dearer, `b`, of the wire that is said. */
const open = async (more: Partial<TestTarget> = {}) => {
  const a = await ScriptedUpstream.open(answer(200, whole([{ text: 'from a' }])));
  const b = await ScriptedUpstream.open(answer(200, chatAnswer('from b')));
  const gateway = new TestGateway({
    targets: [
      { provider: 'a', upstream: a, wire: 'bedrock', model, authorizer: signing, ...more },
      { provider: 'b', upstream: b, inputPerMTok: '9', outputPerMTok: '9' },
    ],
  });
  opened.push(a, b, gateway);
  return { a, b, gateway };
};

const bodyOf = (call: ReceivedCall | undefined): Record<string, unknown> => JSON.parse(call?.body.toString() ?? '');

describe.each(['openai', 'anthropic'] as const)('a client of the %s wire', (client) => {
  const isChat = client === 'openai';

  it('is answered by a model of Bedrock, whose call is signed as it is sent', async () => {
    const { a, gateway } = await open();
    const reply = await gateway.ask({ wire: client });
    expect([reply.status, reply.headers['x-archipel-target']]).toEqual([200, `a/${model}`]);
    expect(reply.json).toMatchObject(
      isChat
        ? { choices: [{ message: { content: 'from a' }, finish_reason: 'stop' }] }
        : { content: [{ type: 'text', text: 'from a' }], stop_reason: 'end_turn' },
    );
    const [call] = a.calls;
    expect(call?.path).toBe('/model/eu.anthropic.claude-sonnet-4-5-20250929-v1%3A0/converse');
    expect(bodyOf(call)).toMatchObject({ messages: [{ role: 'user', content: [{ text: 'Hello' }] }] });
    expect(call !== undefined && isRightlySigned(call)).toBe(true);
    expect(call !== undefined && isRightlySigned({ ...call, body: Buffer.from('{}') })).toBe(false);
    expect(gateway.journal.finals).toMatchObject([
      { basis: 'reported', usage: { input: 10, cacheRead: 7, output: 3 }, outcome: { kind: 'ok' } },
    ]);
  });

  it('gets its stream whole, from messages in whatever pieces they come', async () => {
    const { a, gateway } = await open();
    const bytes = Buffer.concat([start, delta(0, { text: 'from ' }), delta(0, { text: 'a' }), stop(), metadata]);
    a.always(async (response) => {
      response.writeHead(200, { 'content-type': 'application/vnd.amazon.eventstream' });
      for (let at = 0; at < bytes.length; at += 97) {
        await new Promise<void>((resolve) => response.write(bytes.subarray(at, at + 97), () => resolve()));
      }
      response.end();
    });
    const reply = await gateway.ask({ wire: client, stream: true });
    expect(reply.headers['content-type']).toBe('text/event-stream');
    expect(reply.text).toContain('from ');
    expect(reply.text.trimEnd().endsWith(isChat ? 'data: [DONE]' : '{"type":"message_stop"}')).toBe(true);
    expect(a.calls[0]?.path.endsWith('/converse-stream')).toBe(true);
    expect(gateway.journal.finals).toMatchObject([
      { basis: 'reported', usage: { input: 10, cacheRead: 7, output: 3 } },
    ]);
  });

  it('gets its stream whole where the counts at its end do not come', async () => {
    const { a, gateway } = await open();
    a.always(streamOf(start, delta(0, { text: 'from a' }), stop()));
    const reply = await gateway.ask({ wire: client, stream: true });
    expect(reply.text.trimEnd().endsWith(isChat ? 'data: [DONE]' : '{"type":"message_stop"}')).toBe(true);
    expect(gateway.journal.finals).toMatchObject([{ basis: 'estimated', outcome: { kind: 'ok' } }]);
  });

  it('calls a tool and brings its result', async () => {
    const { a, gateway } = await open();
    a.next(
      streamOf(
        start,
        eventMessage('contentBlockStart', {
          contentBlockIndex: 0,
          start: { toolUse: { toolUseId: 'tooluse_1', name: 'look' } },
        }),
        delta(0, { toolUse: { input: '{"at":' } }),
        delta(0, { toolUse: { input: '"sea"}' } }),
        eventMessage('contentBlockStop', { contentBlockIndex: 0 }),
        stop('tool_use'),
        metadata,
      ),
    );
    const schema = { type: 'object', properties: { at: { type: 'string' } } };
    const tools = isChat
      ? [{ type: 'function', function: { name: 'look', parameters: schema } }]
      : [{ name: 'look', input_schema: schema }];
    const first = await gateway.ask({ wire: client, stream: true, body: { tools } });
    expect(first.text).toContain('"tooluse_1"');
    expect(first.text).toMatch(isChat ? /"finish_reason":"tool_calls"/ : /"stop_reason":"tool_use"/);
    const question = { role: 'user', content: 'Look' };
    const messages = isChat
      ? [
          question,
          {
            role: 'assistant',
            tool_calls: [{ id: 'tooluse_1', type: 'function', function: { name: 'look', arguments: '{"at":"sea"}' } }],
          },
          { role: 'tool', tool_call_id: 'tooluse_1', content: 'waves' },
        ]
      : [
          question,
          { role: 'assistant', content: [{ type: 'tool_use', id: 'tooluse_1', name: 'look', input: { at: 'sea' } }] },
          { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'tooluse_1', content: 'waves' }] },
        ];
    const second = await gateway.ask({ wire: client, body: { tools, messages } });
    expect(second.text).toContain('from a');
    expect(bodyOf(a.calls[1])).toMatchObject({
      messages: [
        { role: 'user' },
        { role: 'assistant', content: [{ toolUse: { toolUseId: 'tooluse_1', name: 'look', input: { at: 'sea' } } }] },
        { role: 'user', content: [{ toolResult: { toolUseId: 'tooluse_1', content: [{ text: 'waves' }] } }] },
      ],
      toolConfig: { tools: [{ toolSpec: { name: 'look', inputSchema: { json: schema } } }] },
    });
  });

  it.each([
    ['throttlingException', 'quota'],
    ['modelStreamErrorException', 'transient'],
    ['validationException', 'client'],
  ])('is moved on unseen at %s before the first content', async (type, failureClass) => {
    const { a, b, gateway } = await open();
    a.always(streamOf(start, exceptionMessage(type, { message: 'oops' })));
    b.always(chatStream('from b'));
    const reply = await gateway.ask({ wire: client, stream: true });
    expect([reply.status, reply.headers['x-archipel-target']]).toEqual([200, 'b/vendor-model']);
    expect(reply.text).toContain('from b');
    expect(reply.text).not.toContain('oops');
    expect(gateway.journal.finals[0]).toMatchObject({ outcome: { failure: { class: failureClass } } });
  });

  it.each([
    ['an exception', exceptionMessage('internalServerException', { message: 'oops' }), 'server_error'],
    ['a message that is damaged', Buffer.from(delta(0, { text: 'x' })).fill(0, 40, 41), 'broken_frame'],
    ['its end', Buffer.alloc(0), 'no_terminal_event'],
  ])('sees %s in the middle of a stream as an error in its own words', async (_, bytes, cause) => {
    const { a, gateway } = await open();
    a.always(streamOf(start, delta(0, { text: 'half' }), bytes));
    const reply = await gateway.ask({ wire: client, stream: true });
    expect(reply.text).toContain('half');
    const last = reply.text.trimEnd().split('\n\n').at(-1) ?? '';
    expect(last).toMatch(isChat ? /^data: \{"error":/ : /^event: error\ndata: \{"type":"error"/);
    expect(reply.text).not.toMatch(/\[DONE\]|message_stop|oops/);
    expect(gateway.journal.finals).toMatchObject([{ outcome: { kind: 'failed', failure: { cause } } }]);
  });
});

it('a seal of Claude’s thinking goes through a client of the Messages API and back, byte by byte', async () => {
  const { a, gateway } = await open({ reasoning: true, maxOutputTokens: 8_000 });
  const signature = 'EqkE+/made==up';
  a.next(
    streamOf(
      start,
      delta(0, { reasoningContent: { text: 'hm' } }),
      delta(0, { reasoningContent: { signature } }),
      eventMessage('contentBlockStop', { contentBlockIndex: 0 }),
      delta(1, { text: 'so' }),
      stop(),
      metadata,
    ),
  );
  const thinking = { type: 'enabled', budget_tokens: 2_000 };
  const first = await gateway.ask({ wire: 'anthropic', stream: true, body: { thinking, max_tokens: 4_000 } });
  expect(first.text).toContain(`"signature":"${signature}"`);
  await gateway.ask({
    wire: 'anthropic',
    body: {
      thinking,
      max_tokens: 4_000,
      messages: [
        { role: 'user', content: 'Hello' },
        {
          role: 'assistant',
          content: [
            { type: 'thinking', thinking: 'hm', signature },
            { type: 'text', text: 'so' },
          ],
        },
        { role: 'user', content: 'And?' },
      ],
    },
  });
  expect(bodyOf(a.calls[1])).toMatchObject({
    messages: [
      {},
      { content: [{ reasoningContent: { reasoningText: { text: 'hm', signature } } }, { text: 'so' }] },
      {},
    ],
    additionalModelRequestFields: { thinking },
  });
});

it('no part of a signing key is told, though the vendor shows what it would have signed', async () => {
  const { a, gateway } = await open();
  const said = `The request signature we calculated does not match. The Canonical String should have been\nx-amz-security-token:${sessionToken}\n${secretAccessKey}`;
  a.always(answer(403, { message: said }, { 'x-amzn-errortype': 'InvalidSignatureException:' }));
  const reply = await gateway.ask({});
  expect([reply.status, reply.headers['x-archipel-target']]).toEqual([200, 'b/vendor-model']);
  expect(gateway.journal.finals[0]).toMatchObject({
    outcome: { failure: { class: 'operator', cause: 'invalid_api_key' } },
  });
  const told = JSON.stringify([gateway.journal.records, gateway.logLines]) + reply.text;
  expect(told).not.toContain(sessionToken);
  expect(told).not.toContain(secretAccessKey);
});
