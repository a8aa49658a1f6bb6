import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import type { Answer } from '../../../vocabulary/index.ts';
import { assemble, decodeAll, eventsOf, frame, streamed, withParsedArguments } from '../../codec/answers.fixture.ts';
import { handedSeal } from '../../codec/handedSeal.ts';
import { readAnswer } from '../readAnswer.ts';
import { answers } from './answers.fixture.ts';
import { decodeAnswer } from './decodeAnswer.ts';
import { encodeAnswer } from './encodeAnswer.ts';
import { MessageDecoder } from './MessageDecoder.ts';
import { MessageEncoder } from './MessageEncoder.ts';

const bodyOf = (answer: Answer, more: Partial<typeof frame> = {}): Record<string, unknown> =>
  JSON.parse(Buffer.from(encodeAnswer(answer, { ...frame, ...more })).toString());
const stop = { reason: 'stop', native: 'stop', stopSequence: null } as const;
const answerOf = (...content: Answer['content']): Answer => ({ id: '', model: '', content, finish: stop, usage: null });
const comparable = (answer: Answer) => ({ ...answer, content: withParsedArguments(answer.content) });

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
        const streamed = assemble(decodeAll(new MessageDecoder(), eventsOf(new MessageEncoder(shown).encode(parts))));
        const whole = decodeAnswer(encodeAnswer(answer, shown));
        expect(whole.ok && comparable(whole.value)).toEqual(comparable(streamed));
      }),
    );
  });

  it('has the members of a message', () => {
    expect(bodyOf(answerOf({ type: 'text', text: 'a' }))).toEqual({
      id: 'msg_0199',
      type: 'message',
      role: 'assistant',
      model: 'asked',
      content: [{ type: 'text', text: 'a' }],
      stop_reason: 'end_turn',
      stop_sequence: null,
      stop_details: null,
      usage: { input_tokens: 0, cache_creation_input_tokens: 0, cache_read_input_tokens: 0, output_tokens: 0 },
    });
  });

  it('counts sound and images with the side that they are on', () => {
    const usage = {
      input: 1,
      inputAudio: 2,
      inputImage: 4,
      output: 8,
      outputAudio: 16,
      outputImage: 32,
      reasoning: 64,
    };
    expect(bodyOf({ ...answerOf(), usage })['usage']).toMatchObject({
      input_tokens: 7,
      output_tokens: 120,
      output_tokens_details: { thinking_tokens: 64 },
    });
  });

  it('shows arguments that were cut short under a name that no tool takes', () => {
    const call = { type: 'tool-call', id: 't', name: 'f', arguments: '{"path":"/et' } as const;
    expect(bodyOf(answerOf(call))['content']).toEqual([
      { type: 'tool_use', id: 't', name: 'f', input: { INVALID_JSON: '{"path":"/et' } },
    ]);
  });

  it('never makes up a signature, says whose a foreign one is, and keeps thinking from those who do not want it (case 19)', () => {
    const seal = { wire: 'openai', value: 'cipher' };
    const answer = answerOf(
      { type: 'thinking', text: 'so', seal: null },
      { type: 'thinking', text: 'hm', seal },
      { type: 'redacted-thinking', seal },
      { type: 'refusal', text: 'No.' },
    );
    const kept = handedSeal(seal, frame.sealedAt);
    expect(bodyOf(answer)).toMatchObject({
      content: [
        { type: 'thinking', thinking: 'so', signature: '' },
        { type: 'thinking', thinking: 'hm', signature: kept },
        { type: 'redacted_thinking', data: kept },
        { type: 'text', text: 'No.' },
      ],
      stop_reason: 'refusal',
    });
    expect(bodyOf(answer, { showThinking: false })['content']).toEqual([{ type: 'text', text: 'No.' }]);
  });
});
