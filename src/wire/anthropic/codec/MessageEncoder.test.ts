import Anthropic from '@anthropic-ai/sdk';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import type { AnswerPart } from '../../../vocabulary/index.ts';
import {
  assemble,
  decodeAll,
  encodeAll,
  eventsOf,
  frame,
  isWhole,
  streamed,
  withParsedArguments,
} from '../../codec/answers.fixture.ts';
import { handedSeal } from '../../codec/handedSeal.ts';
import { answers } from './answers.fixture.ts';
import { finishMembers } from './finishReasons.ts';
import { MessageDecoder } from './MessageDecoder.ts';
import { MessageEncoder } from './MessageEncoder.ts';

const encodeParts = (parts: readonly AnswerPart[], more: Partial<typeof frame> = {}): string =>
  encodeAll(new MessageEncoder({ ...frame, ...more }), parts);

/** The members of the events, without their frame. */
const bodiesOf = (sse: string): Record<string, unknown>[] => eventsOf(sse).map(({ data }) => JSON.parse(data!));

const start: AnswerPart = { type: 'answer-start', id: 'a', model: 'm' };
const closing: readonly AnswerPart[] = [
  { type: 'finish', finish: { reason: 'stop', native: 'stop', stopSequence: null } },
  { type: 'answer-end' },
];
const text = (block: number, words: string): AnswerPart[] => [
  { type: 'text-start', block },
  { type: 'text-delta', block, text: words },
  { type: 'text-end', block },
];
const thinking = (block: number, words: string, seal: { wire: string; value: string } | null): AnswerPart[] => [
  { type: 'thinking-start', block },
  ...(words === '' ? [] : [{ type: 'thinking-delta' as const, block, text: words }]),
  { type: 'thinking-end', block, seal },
];
const callStart = (block: number, id: string): AnswerPart => ({ type: 'tool-call-start', block, id, name: 'f' });
const callDelta = (block: number, piece: string): AnswerPart => ({ type: 'tool-call-delta', block, arguments: piece });
const callEnd = (block: number): AnswerPart => ({ type: 'tool-call-end', block });

/** What the vendor's own SDK makes of a stream. */
const readBySdk = async (sse: string): Promise<Anthropic.Message> => {
  const client = new Anthropic({
    apiKey: 'none',
    baseURL: 'http://sdk.invalid',
    maxRetries: 0,
    fetch: async () => new Response(sse, { headers: { 'content-type': 'text/event-stream' } }),
  });
  return client.messages
    .stream({ model: 'm', max_tokens: 9, messages: [{ role: 'user', content: 'hi' }] })
    .finalMessage();
};

describe('MessageEncoder', () => {
  it('writes the events of a text in their order, with an estimate of the input until the vendor has told it', () => {
    const usage: AnswerPart = {
      type: 'usage',
      usage: { input: 3, cacheRead: 4, output: 5, reasoning: 2, requests: 1 },
    };
    expect(
      bodiesOf(encodeParts([start, ...text(0, 'Grüße "\u2028'), ...closing.slice(0, 1), usage, ...closing.slice(1)])),
    ).toEqual([
      {
        type: 'message_start',
        message: {
          id: 'a',
          type: 'message',
          role: 'assistant',
          model: 'm',
          content: [],
          stop_reason: null,
          stop_sequence: null,
          stop_details: null,
          usage: { input_tokens: 12, cache_creation_input_tokens: 0, cache_read_input_tokens: 0, output_tokens: 0 },
        },
      },
      { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
      { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'Grüße "\u2028' } },
      { type: 'content_block_stop', index: 0 },
      {
        type: 'message_delta',
        delta: { stop_reason: 'end_turn', stop_sequence: null, stop_details: null },
        usage: {
          input_tokens: 3,
          cache_creation_input_tokens: 0,
          cache_read_input_tokens: 4,
          output_tokens: 7,
          output_tokens_details: { thinking_tokens: 2 },
        },
      },
      { type: 'message_stop' },
    ]);
  });

  it('names each event in its frame as in its data', () => {
    for (const { event, data } of eventsOf(encodeParts([start, ...text(0, 'a'), ...closing]))) {
      expect(JSON.parse(data!).type).toBe(event);
    }
  });

  it('has one block open at a time, though calls run beside one another', () => {
    const bodies = bodiesOf(
      encodeParts([
        start,
        callStart(0, 'one'),
        callStart(1, 'two'),
        callDelta(1, '{"b":'),
        callDelta(0, '{"a":1}'),
        callDelta(1, '2}'),
        callEnd(1),
        callStart(2, 'three'),
        callDelta(2, '{}'),
        callEnd(0),
        callEnd(2),
        ...closing,
      ]),
    );
    const open = new Set<unknown>();
    for (const { type, index } of bodies) {
      if (type === 'content_block_start') expect(open.add(index).size).toBe(1);
      if (type === 'content_block_delta') expect(open.has(index)).toBe(true);
      if (type === 'content_block_stop') open.delete(index);
    }
    expect(bodies.filter(({ type }) => type === 'content_block_start').map(({ index }) => index)).toEqual([0, 1, 2]);
    const decoded = assemble(
      decodeAll(
        new MessageDecoder(),
        bodies.map((body) => ({ event: null, data: JSON.stringify(body), raw: new Uint8Array(0) })),
      ),
    );
    expect(decoded.content.map((part) => part.type === 'tool-call' && part.arguments)).toEqual([
      '{"a":1}',
      '{"b":2}',
      '{}',
    ]);
  });

  it('says again what it was told, whatever the answer and however its parts are mixed [A28]', () => {
    fc.assert(
      fc.property(streamed(answers), ({ answer, parts }) => {
        const again = decodeAll(new MessageDecoder(), eventsOf(encodeParts(parts)));
        const decoded = assemble(again);
        expect(isWhole(again)).toBe(true);
        expect({ ...decoded, content: withParsedArguments(decoded.content) }).toEqual({
          ...answer,
          content: withParsedArguments(answer.content),
        });
      }),
      { numRuns: 500 },
    );
  });

  it('is understood by the vendor’s SDK', async () => {
    await fc.assert(
      fc.asyncProperty(streamed(answers), async ({ answer, parts }) => {
        const message = await readBySdk(encodeParts(parts));
        expect(message.content).toEqual(
          answer.content.map((part) => {
            switch (part.type) {
              case 'text':
                return { type: 'text', text: part.text };
              case 'thinking':
                return { type: 'thinking', thinking: part.text, signature: part.seal?.value ?? '' };
              case 'redacted-thinking':
                return { type: 'redacted_thinking', data: part.seal.value };
              case 'tool-call':
                return { type: 'tool_use', id: part.id, name: part.name, input: JSON.parse(part.arguments) };
              case 'refusal':
                throw new Error('no refusals are generated');
            }
          }),
        );
        expect(message.stop_reason).toBe(finishMembers(answer.finish, new Set()).stop_reason);
        expect(message.usage.output_tokens).toBe((answer.usage?.output ?? 0) + (answer.usage?.reasoning ?? 0));
        expect(message.usage.input_tokens).toBe(answer.usage?.input);
      }),
      { numRuns: 60 },
    );
  });

  it('keeps thinking from a client that does not want it, and numbers the rest without a gap', () => {
    const bodies = bodiesOf(
      encodeParts(
        [
          start,
          ...thinking(0, 'hm', { wire: 'anthropic', value: 's' }),
          { type: 'redacted-thinking', block: 1, seal: { wire: 'anthropic', value: 'd' } },
          ...text(2, 'a'),
          ...closing,
        ],
        { showThinking: false },
      ),
    );
    expect(JSON.stringify(bodies)).not.toMatch(/thinking|hm/);
    expect(bodies[1]).toEqual({ type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } });
  });

  it('never makes up a signature for thinking without a seal (case 19)', () => {
    const sse = encodeParts([start, ...thinking(0, 'hm', null), ...text(1, 'a'), ...closing]);
    expect(sse).not.toContain('signature_delta');
    expect(bodiesOf(sse)[1]).toEqual({
      type: 'content_block_start',
      index: 0,
      content_block: { type: 'thinking', thinking: '', signature: '' },
    });
  });

  it('says of foreign seals whose they are, and gives that of a call before it, whether or not thinking is asked for', () => {
    const seal = { wire: 'gemini', value: 'cipher' };
    const kept = handedSeal(seal, frame.sealedAt);
    const parts: readonly AnswerPart[] = [
      start,
      ...thinking(0, 'hm', seal),
      { type: 'redacted-thinking', block: 1, seal },
      { type: 'tool-call-start', block: 2, id: 'c', name: 'f', seal },
      { type: 'tool-call-delta', block: 2, arguments: '{}' },
      { type: 'tool-call-end', block: 2, seal },
      ...closing,
    ];
    const redacted = { content_block: { type: 'redacted_thinking', data: kept } };
    const call = { content_block: { type: 'tool_use', name: 'f' } };
    const startsIn = (bodies: Record<string, unknown>[]) => bodies.filter(({ type }) => type === 'content_block_start');
    const bodies = bodiesOf(encodeParts(parts));
    expect(bodies.find(({ delta }) => JSON.stringify(delta)?.includes('signature_delta'))).toMatchObject({
      delta: { signature: kept },
    });
    expect(startsIn(bodies)).toMatchObject([{ index: 0 }, { index: 1, ...redacted }, { index: 2, ...redacted }, call]);
    const unasked = startsIn(bodiesOf(encodeParts(parts, { showThinking: false })));
    expect(unasked).toMatchObject([
      { index: 0, ...redacted },
      { index: 1, ...call },
    ]);
  });

  it('writes no empty blocks, and no redacted thinking that nobody asked for', () => {
    const bodies = bodiesOf(
      encodeParts(
        [
          start,
          { type: 'text-start', block: 0 },
          { type: 'text-delta', block: 0, text: '' },
          { type: 'text-end', block: 0 },
          ...thinking(1, '', null),
          { type: 'redacted-thinking', block: 2, seal: { wire: 'openai', value: 'x' } },
          ...closing,
        ],
        { showThinking: false },
      ),
    );
    expect(bodies.map(({ type }) => type)).toEqual(['message_start', 'message_delta', 'message_stop']);
  });

  it('shows the words of a refusal as text, and its end as a refusal', () => {
    const bodies = bodiesOf(
      encodeParts([
        start,
        { type: 'refusal-start', block: 0 },
        { type: 'refusal-delta', block: 0, text: 'No.' },
        { type: 'refusal-end', block: 0 },
        ...closing,
      ]),
    );
    expect(bodies[2]).toMatchObject({ delta: { type: 'text_delta', text: 'No.' } });
    expect(bodies.at(-2)).toMatchObject({ delta: { stop_reason: 'refusal' } });
  });

  it('gives calls ids that this wire takes back, and others than one another', () => {
    const parts = [
      start,
      callStart(0, 'functions.f:0'),
      callEnd(0),
      callStart(1, ''),
      callEnd(1),
      callStart(2, ''),
      callEnd(2),
      ...closing,
    ];
    const ids = bodiesOf(encodeParts(parts)).flatMap(({ content_block: block }) =>
      block === undefined ? [] : [Object(block).id],
    );
    expect(ids).toHaveLength(3);
    expect(new Set(ids).size).toBe(3);
    for (const id of ids) expect(id).toMatch(/^[a-zA-Z0-9_-]+$/);
  });

  it('names an answer that came without a name or a model', () => {
    expect(bodiesOf(encodeParts([{ type: 'answer-start', id: '', model: '' }]))[0]).toMatchObject({
      message: { id: 'msg_0199', model: 'asked' },
    });
  });
});
