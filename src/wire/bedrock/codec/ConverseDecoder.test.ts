import { describe, expect, it } from 'vitest';

import type { AnswerPart } from '../../../vocabulary/index.ts';
import { assemble, isWhole } from '../../codec/answers.fixture.ts';
import { errorMessage, eventMessage, exceptionMessage } from '../../../../test/rigs/eventMessages.ts';
import { fixtureJson, recordedAnswer } from '../../recordings.fixture.ts';
import { isJsonObject, objectIn } from '../../json/JsonObject.ts';
import { utf8Bytes } from '../../utf8.ts';
import { bedrockWire } from '../bedrockWire.ts';
import { claude, converseStreams, factsOf, messagesIn, streamBytes } from '../recordings.fixture.ts';

const { codec } = bedrockWire;
const start = eventMessage('messageStart', { role: 'assistant', p: 'abc' });
const open = (index: number, start: object) => eventMessage('contentBlockStart', { contentBlockIndex: index, start });
const write = (index: number, delta: object) => eventMessage('contentBlockDelta', { contentBlockIndex: index, delta });
const close = (index: number) => eventMessage('contentBlockStop', { contentBlockIndex: index });
const stop = (stopReason = 'end_turn') => eventMessage('messageStop', { stopReason });
const metadata = (usage: object = { inputTokens: 1, outputTokens: 2, totalTokens: 3 }) =>
  eventMessage('metadata', { usage, metrics: { latencyMs: 1 } });

const decode = (messages: readonly Uint8Array[], model = claude) => {
  const decoder = codec.decodeStream(factsOf(model));
  const steps = messagesIn(Buffer.concat(messages)).map((event) => decoder.decode(event));
  const parts: readonly AnswerPart[] = [...steps.flatMap((step) => step.parts), ...decoder.closing()];
  return { steps, parts, state: decoder.state };
};
const answerOf = (messages: readonly Uint8Array[], model = claude) => {
  const { parts } = decode(messages, model);
  expect(isWhole(parts)).toBe(true);
  return assemble(parts);
};

describe('ConverseDecoder', () => {
  it('reads text, which has no start of its own, and counts its bytes', () => {
    const { parts, state } = decode([start, write(0, { text: 'hé' }), close(0), stop(), metadata()]);
    expect(parts).toEqual([
      { type: 'answer-start', id: '', model: '' },
      { type: 'text-start', block: 0 },
      { type: 'text-delta', block: 0, text: 'hé' },
      { type: 'text-end', block: 0 },
      { type: 'usage', usage: { input: 1, output: 2, requests: 1 } },
      { type: 'finish', finish: { reason: 'stop', native: 'end_turn', stopSequence: null } },
      { type: 'answer-end' },
    ]);
    expect(state.outputBytes).toBe(3);
  });

  it('keeps the order of text and thinking, the seal of thinking, and thinking that has a seal alone', () => {
    const { content } = answerOf([
      start,
      write(0, { text: 'so' }),
      close(0),
      write(1, { reasoningContent: { text: 'h' } }),
      write(1, { reasoningContent: { text: 'm' } }),
      write(1, { reasoningContent: { signature: 'S+/=' } }),
      close(1),
      write(2, { reasoningContent: { signature: 'T' } }),
      close(2),
      stop(),
      metadata(),
    ]);
    expect(content).toEqual([
      { type: 'text', text: 'so' },
      { type: 'thinking', text: 'hm', seal: { wire: 'anthropic', value: 'S+/=' } },
      { type: 'thinking', text: '', seal: { wire: 'anthropic', value: 'T' } },
    ]);
  });

  it('joins the bytes of sealed thinking that comes in pieces, each of them base64 of its own', () => {
    const bytes = Buffer.from('Eqké+/=s');
    const pieces = [bytes.subarray(0, 1), bytes.subarray(1, 4), bytes.subarray(4)].map((piece) =>
      write(0, { reasoningContent: { redactedContent: piece.toString('base64') } }),
    );
    const stream = [start, ...pieces, close(0), write(1, { text: 'a' }), stop(), metadata()];
    expect(answerOf(stream).content[0]).toMatchObject({ seal: { wire: 'anthropic', value: 'Eqké+/=s' } });
    expect(answerOf(stream, 'xai.grok-4').content[0]).toMatchObject({ seal: { value: bytes.toString('base64') } });
  });

  it('reads the seals of Claude as those of the Messages API, and of others as its own', () => {
    const redacted = Buffer.from('EqkE+/=').toString('base64');
    const stream = [
      start,
      write(0, { reasoningContent: { redactedContent: redacted.slice(0, 4) } }),
      write(0, { reasoningContent: { redactedContent: redacted.slice(4) } }),
      close(0),
      write(1, { text: 'a' }),
      stop(),
      metadata(),
    ];
    expect(answerOf(stream).content[0]).toEqual({
      type: 'redacted-thinking',
      seal: { wire: 'anthropic', value: 'EqkE+/=' },
    });
    expect(answerOf(stream, 'xai.grok-4').content[0]).toEqual({
      type: 'redacted-thinking',
      seal: { wire: 'bedrock', value: redacted },
    });
  });

  it('passes over bytes that Claude cannot have sealed, and the tools of the vendor', () => {
    const { content } = answerOf([
      start,
      write(0, { reasoningContent: { redactedContent: '/w==' } }),
      close(0),
      open(1, { toolUse: { toolUseId: 't', name: 'nova_grounding', type: 'server_tool_use' } }),
      write(1, { toolUse: { input: '{}' } }),
      close(1),
      write(2, { citation: { title: 'a' } }),
      write(2, { text: 'found' }),
      stop(),
      metadata(),
    ]);
    expect(content).toEqual([{ type: 'text', text: 'found' }]);
  });

  it('gives a call without arguments the empty object, and puts pieces together', () => {
    const { content } = answerOf([
      start,
      open(0, { toolUse: { toolUseId: 'a', name: 'f' } }),
      write(0, { toolUse: { input: '' } }),
      close(0),
      open(1, { toolUse: { toolUseId: 'b', name: 'g' } }),
      write(1, { toolUse: { input: '{"a":' } }),
      write(1, { toolUse: { input: '1}' } }),
      close(1),
      stop('tool_use'),
      metadata(),
    ]);
    expect(content).toEqual([
      { type: 'tool-call', id: 'a', name: 'f', arguments: '{}' },
      { type: 'tool-call', id: 'b', name: 'g', arguments: '{"a":1}' },
    ]);
  });

  it('ends with the stop where the counts do not come, and with either where they came first', () => {
    const said = [start, write(0, { text: 'a' })];
    const bare = decode([...said, stop()]);
    expect(bare.steps.at(-1)).toMatchObject({ kind: 'closing', parts: [] });
    expect(bare.state).toMatchObject({ usage: null, complete: true, outputBytes: 1 });
    expect(isWhole(bare.parts)).toBe(true);
    const early = decode([...said, metadata(), stop()]);
    expect(early.steps.at(-1)?.kind).toBe('terminal');
    expect(assemble(early.parts).usage).toEqual({ input: 1, output: 2, requests: 1 });
  });

  it.each([
    ['messageStart', start],
    ['an empty start', open(0, {})],
    ['an empty text', write(0, { text: '' })],
    ['empty arguments', write(0, { toolUse: { input: '' } })],
    ['empty thinking', write(0, { reasoningContent: { text: '' } })],
    ['an event of the future', eventMessage('teaBreak', {})],
  ])('takes %s for preamble', (_, message) => {
    expect(decode([message]).steps[0]?.kind).toBe('preamble');
  });

  it('fails at a second start, and at what is no JSON', () => {
    expect(decode([start, start]).steps[1]).toMatchObject({ failure: { cause: 'second_message_start' } });
    const decoder = codec.decodeStream(factsOf(claude));
    expect(decoder.decode({ event: 'messageStart', data: '{', raw: new Uint8Array(0) })).toMatchObject({
      kind: 'failure',
      failure: { class: 'protocol', cause: 'undecodable_event' },
      parts: [],
    });
  });

  it.each([
    ['throttlingException', 'quota', 'rate_limited', 429],
    ['serviceUnavailableException', 'quota', 'overloaded', 503],
    ['internalServerException', 'transient', 'server_error', 500],
    ['modelStreamErrorException', 'transient', 'server_error', 424],
    ['modelTimeoutException', 'transient', 'upstream_timeout', 408],
    ['validationException', 'client', 'bad_request', 400],
    ['accessDeniedException', 'operator', 'forbidden', 403],
    ['exceptionOfTheFuture', 'transient', 'server_error', 500],
    ['constructor', 'transient', 'server_error', 500],
  ])('fails at %s, and takes nothing after it for an end', (type, failureClass, cause, status) => {
    const exception = exceptionMessage(type, { message: 'words' });
    const { steps, parts, state } = decode([start, write(0, { text: 'a' }), exception, stop(), metadata()]);
    expect(steps[2]).toEqual({
      kind: 'failure',
      hide: false,
      failure: { class: failureClass, cause, status, message: 'words' },
      parts: [],
    });
    expect(state.complete).toBe(false);
    expect(isWhole(parts)).toBe(false);
  });

  it('fails at an error without an exception, and after the stop as well', () => {
    const { steps, parts, state } = decode([start, stop(), errorMessage('InternalFailure', 'why')]);
    expect(steps[2]).toMatchObject({ failure: { class: 'transient', message: 'why' } });
    expect([state.complete, isWhole(parts)]).toEqual([false, false]);
  });

  it('splits what was written into the cache by its lifetime', () => {
    const usageOf = (usage: object) => answerOf([start, stop(), metadata(usage)]).usage;
    const counts = { inputTokens: 1, outputTokens: 2, cacheReadInputTokens: 3, cacheWriteInputTokens: 7 };
    expect(usageOf(counts)).toEqual({ input: 1, cacheRead: 3, cacheWrite5m: 7, output: 2, requests: 1 });
    const cacheDetails = [
      { ttl: '1h', inputTokens: 4 },
      { ttl: '5m', inputTokens: 3 },
    ];
    expect(usageOf({ ...counts, cacheDetails })).toMatchObject({ cacheWrite5m: 3, cacheWrite1h: 4 });
    expect(usageOf({ ...counts, cacheDetails: [{ ttl: '1h', inputTokens: 9 }, null] })).toMatchObject({
      cacheWrite1h: 7,
    });
    expect(usageOf({ inputTokens: null })).toBeNull();
  });

  const table = fixtureJson('cases/25-stop-reason-table.table.json');
  const words = isJsonObject(table) ? Object.entries(objectIn(table, 'bedrock') ?? {}) : [];
  const reasons: Readonly<Record<string, string>> = {
    stop: 'stop',
    tool_calls: 'tool-calls',
    content_filter: 'content-filter',
  };
  it.each(words)('reads the end %s as a client must see it: %s (case 25)', (word, chat) => {
    const { reason } = answerOf([start, stop(word), metadata()]).finish;
    expect(chat === 'length' ? ['length', 'context-length'] : [reasons[String(chat)]]).toContain(reason);
  });

  it('takes no word that it does not know for a plain end', () => {
    for (const word of ['malformed_tool_use', 'malformed_model_output', 'constructor']) {
      expect(answerOf([start, stop(word), metadata()]).finish).toEqual({
        reason: 'unknown',
        native: word,
        stopSequence: null,
      });
    }
  });

  it('reads what was recorded in a stream as one reads it with the eye', () => {
    const path = converseStreams.find((one) => one.includes('converse-stream-thinking')) ?? '';
    const { content } = answerOf([streamBytes(path)]);
    expect(content.map(({ type }) => type)).toEqual(['thinking', 'text']);
    expect(content[0]).toMatchObject({ seal: { wire: 'anthropic' } });
  });
});

describe('decodeAnswer', () => {
  const facts = factsOf(claude);

  it('reads calls, thinking and its order from whole answers', () => {
    const read = (name: string) => {
      const decoded = codec.decodeAnswer(recordedAnswer(`recordings/bedrock/${name}.json`).body, facts);
      if (!decoded.ok) throw new Error(decoded.fault.cause);
      return decoded.value;
    };
    expect(read('amazon-bedrock-tool-call.1')).toEqual({
      id: '',
      model: '',
      content: [{ type: 'tool-call', id: 'tool-use-id', name: 'bash', arguments: '{"command":"ls -l"}' }],
      finish: { reason: 'tool-calls', native: 'tool_use', stopSequence: null },
      usage: { input: 10, output: 20, requests: 1 },
    });
    expect(read('converse-deepseek.1').content.map(({ type }) => type)).toEqual(['text', 'thinking']);
    expect(read('converse-tool-thinking.0').content).toMatchObject([
      { type: 'thinking', seal: { wire: 'anthropic' } },
      {},
      { type: 'tool-call' },
    ]);
  });

  it.each([
    ['no JSON', '<html>', 'protocol', 'undecodable_answer'],
    ['no answer', '{"output":{}}', 'protocol', 'not_an_answer'],
    ['an error', '{"__type":"com.amazon.coral.service#ThrottlingException"}', 'quota', 'rate_limited'],
  ])('fails at %s', (_, body, failureClass, cause) => {
    expect(codec.decodeAnswer(utf8Bytes(body))).toMatchObject({ ok: false, fault: { class: failureClass, cause } });
  });
});
