import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import type { Answer } from '../../../vocabulary/index.ts';
import { assemble, decodeAll, eventsOf, frame, streamed, withParsedArguments } from '../../codec/answers.fixture.ts';
import { readAnswer } from '../readAnswer.ts';
import { answers } from './answers.fixture.ts';
import { decodeAnswer } from './decodeAnswer.ts';
import { encodeAnswer } from './encodeAnswer.ts';
import { GenerateDecoder } from './GenerateDecoder.ts';
import { GenerateEncoder } from './GenerateEncoder.ts';
import { sealOf } from './sealOf.ts';

const bodyOf = (answer: Answer, more: Partial<typeof frame> = {}): Record<string, unknown> =>
  JSON.parse(Buffer.from(encodeAnswer(answer, { ...frame, ...more })).toString());
const stop = { reason: 'stop', native: 'stop', stopSequence: null } as const;
const answerOf = (...content: Answer['content']): Answer => ({ id: '', model: '', content, finish: stop, usage: null });
const comparable = (answer: Answer) => ({ ...answer, content: withParsedArguments(answer.content) });
const partsIn = (answer: Answer, more: Partial<typeof frame> = {}): unknown =>
  (bodyOf(answer, more) as { candidates: { content: { parts: unknown } }[] }).candidates[0]?.content.parts;

describe('encodeAnswer', () => {
  it('says again what it was told, and is read as an answer with the same usage', () => {
    fc.assert(
      fc.property(answers, (answer) => {
        const body = encodeAnswer(answer, frame);
        const decoded = decodeAnswer(body);
        expect(decoded.ok && comparable(decoded.value)).toEqual(comparable(answer));
        const read = readAnswer('generate', body);
        expect(read.ok && read.value.usage).toEqual(answer.usage);
      }),
    );
  });

  it('writes whole what the stream writes in pieces', () => {
    fc.assert(
      fc.property(streamed(answers), fc.boolean(), ({ answer, parts }, showThinking) => {
        const shown = { ...frame, showThinking };
        const sse = new GenerateEncoder(shown).encode(parts);
        const inPieces = assemble(decodeAll(new GenerateDecoder(), eventsOf(sse)));
        const whole = decodeAnswer(encodeAnswer(answer, shown));
        expect(whole.ok && comparable(whole.value)).toEqual(comparable(inPieces));
      }),
    );
  });

  it('has the members of an answer', () => {
    expect(bodyOf(answerOf({ type: 'text', text: 'a' }))).toEqual({
      candidates: [{ content: { parts: [{ text: 'a' }], role: 'model' }, finishReason: 'STOP', index: 0 }],
      modelVersion: 'asked',
      responseId: '0199',
    });
  });

  it('counts thoughts beside the candidates and the cache inside the prompt (case 33)', () => {
    const usage = { input: 8, cacheRead: 3_512, output: 2, reasoning: 42 };
    expect(bodyOf({ ...answerOf(), usage })['usageMetadata']).toEqual({
      promptTokenCount: 3_520,
      cachedContentTokenCount: 3_512,
      candidatesTokenCount: 2,
      thoughtsTokenCount: 42,
      totalTokenCount: 3_564,
      promptTokensDetails: [{ modality: 'TEXT', tokenCount: 3_520 }],
    });
  });

  it('gives an answer without words an empty part, since the SDK takes none for no answer', () => {
    expect(partsIn(answerOf())).toEqual([{ text: '' }]);
  });

  it('gives a call without an id one of its own, and shows arguments that were cut short under a name that no tool takes', () => {
    const call = { type: 'tool-call', id: '', name: 'f', arguments: '{"path":"/et' } as const;
    expect(partsIn(answerOf(call))).toEqual([
      { functionCall: { id: expect.stringMatching(/^\w{9}$/), name: 'f', args: { INVALID_JSON: '{"path":"/et' } } },
    ]);
  });

  it('carries its own signatures bit for bit, never those of others, and keeps thinking from those who do not want it (case 19)', () => {
    const answer = answerOf(
      { type: 'thinking', text: 'hm', seal: { wire: 'anthropic', value: 'cipher' } },
      { type: 'redacted-thinking', seal: { wire: 'anthropic', value: 'cipher' } },
      { type: 'text', text: 'a', seal: sealOf('a+/=') },
      { type: 'tool-call', id: 'c', name: 'f', arguments: '{}', seal: sealOf('b+/=') },
      { type: 'refusal', text: 'No.' },
    );
    const shown = [
      { text: 'a', thoughtSignature: 'a+/=' },
      { functionCall: { id: 'c', name: 'f', args: {} }, thoughtSignature: 'b+/=' },
      { text: 'No.' },
    ];
    expect(partsIn(answer)).toEqual([{ text: 'hm', thought: true }, ...shown]);
    expect(partsIn(answer, { showThinking: false })).toEqual(shown);
    expect(bodyOf(answer)['candidates']).toMatchObject([{ finishReason: 'SAFETY' }]);
  });
});
