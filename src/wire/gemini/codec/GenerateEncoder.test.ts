import { describe, expect, it } from 'vitest';

import type { AnswerPart } from '../../../vocabulary/index.ts';
import { encodeAll, eventsOf, frame } from '../../codec/answers.fixture.ts';
import { GenerateEncoder } from './GenerateEncoder.ts';
import { sealOf } from './sealOf.ts';

const bodiesOf = (parts: readonly AnswerPart[], more: Partial<typeof frame> = {}): Record<string, unknown>[] =>
  eventsOf(encodeAll(new GenerateEncoder({ ...frame, ...more }), parts)).map(({ data }) => JSON.parse(data ?? ''));
const partsIn = (parts: readonly AnswerPart[], more: Partial<typeof frame> = {}): unknown[] =>
  bodiesOf([start, ...parts, ...closing], more)
    .slice(0, -1)
    .flatMap(
      (body) => (body as { candidates: { content: { parts: unknown[] } }[] }).candidates[0]?.content.parts ?? [],
    );

const start: AnswerPart = { type: 'answer-start', id: 'a', model: 'm' };
const closing: readonly AnswerPart[] = [
  { type: 'finish', finish: { reason: 'stop', native: 'end_turn', stopSequence: null } },
  { type: 'answer-end' },
];

describe('GenerateEncoder', () => {
  it('writes each piece as an answer of its own form, and in the last the reason and the usage', () => {
    const text: AnswerPart[] = [
      { type: 'text-start', block: 0 },
      { type: 'text-delta', block: 0, text: 'Grüße "\u2028' },
      { type: 'text-end', block: 0 },
    ];
    const usage: AnswerPart = { type: 'usage', usage: { input: 3, output: 5, requests: 1 } };
    expect(bodiesOf([start, ...text, ...closing.slice(0, 1), usage, ...closing.slice(1)])).toEqual([
      {
        candidates: [{ content: { parts: [{ text: 'Grüße "\u2028' }], role: 'model' }, index: 0 }],
        modelVersion: 'm',
        responseId: 'a',
      },
      {
        candidates: [{ content: { parts: [{ text: '' }], role: 'model' }, finishReason: 'STOP', index: 0 }],
        usageMetadata: {
          promptTokenCount: 3,
          candidatesTokenCount: 5,
          totalTokenCount: 8,
          promptTokensDetails: [{ modality: 'TEXT', tokenCount: 3 }],
        },
        modelVersion: 'm',
        responseId: 'a',
      },
    ]);
  });

  it('writes calls whole, in the order in which they started', () => {
    expect(
      partsIn([
        { type: 'tool-call-start', block: 0, id: 'c1', name: 'f' },
        { type: 'tool-call-delta', block: 0, arguments: '{"a":' },
        { type: 'tool-call-start', block: 1, id: 'c2', name: 'g' },
        { type: 'tool-call-delta', block: 1, arguments: '{}' },
        { type: 'tool-call-end', block: 1 },
        { type: 'tool-call-delta', block: 0, arguments: '1}' },
        { type: 'tool-call-end', block: 0, seal: sealOf('s') },
      ]),
    ).toEqual([
      { functionCall: { id: 'c1', name: 'f', args: { a: 1 } }, thoughtSignature: 's' },
      { functionCall: { id: 'c2', name: 'g', args: {} } },
    ]);
  });

  it('shows thinking to those who want it, with signatures of its own wire only (case 19)', () => {
    const thinking = (wire: string): AnswerPart[] => [
      { type: 'thinking-start', block: 0 },
      { type: 'thinking-delta', block: 0, text: 'hm' },
      { type: 'thinking-end', block: 0, seal: { wire, value: 's' } },
      { type: 'redacted-thinking', block: 1, seal: { wire: 'anthropic', value: 'x' } },
    ];
    expect(partsIn(thinking('gemini'))).toEqual([
      { text: 'hm', thought: true },
      { text: '', thought: true, thoughtSignature: 's' },
    ]);
    expect(partsIn(thinking('anthropic'))).toEqual([{ text: 'hm', thought: true }]);
    expect(partsIn(thinking('gemini'), { showThinking: false })).toEqual([]);
  });
});
