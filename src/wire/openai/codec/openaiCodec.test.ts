import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import type { Answer } from '../../../vocabulary/index.ts';
import { assemble, frame, partsOf, streamed, unmarked } from '../../codec/answers.fixture.ts';
import { isJsonObject, listIn, objectIn, parseJson, textIn, type JsonObject } from '../../json/JsonObject.ts';
import {
  cutAt,
  eventsIn,
  recordedAnswer,
  recordedStream,
  streamsOf,
  wholeAnswersOf,
} from '../../recordings.fixture.ts';
import { answers, decodeChunks, decodeText, encodeParts } from './answers.fixture.ts';
import { openaiCodec } from './openaiCodec.ts';

const vendors = ['openai', 'azure', 'deepseek', 'groq', 'mistral', 'openrouter', 'xai', 'openai-compatible'];
const broken = ['groq/tool-use-failed-midstream.0.response.sse', 'openrouter/midstream-error.response.sse'];
const streams = vendors.flatMap(streamsOf).filter((path) => !broken.some((name) => path.endsWith(name)));
const whole = vendors
  .flatMap(wholeAnswersOf)
  .filter((path) => recordedAnswer(path).status === 200 && !/error|embedding|prompt-filter\.0/.test(path));

const decodeWhole = (body: Uint8Array): Answer => {
  const decoded = openaiCodec.decodeAnswer(body);
  if (!decoded.ok) throw new Error(decoded.fault.message);
  return decoded.value;
};

/** What a plain reader of the chunks finds, that knows nothing of blocks. */
const plainReading = (path: string): { text: string; calls: string[] } => {
  let text = '';
  const calls: string[] = [];
  for (const { data } of eventsIn(recordedStream(path))) {
    const chunk = parseJson(data ?? '');
    for (const choice of isJsonObject(chunk) ? listIn(chunk, 'choices') : []) {
      const delta = isJsonObject(choice) ? objectIn(choice, 'delta') : null;
      text += textIn(delta, 'content') ?? '';
      for (const part of listIn(delta, 'content')) text += isJsonObject(part) ? (textIn(part, 'text') ?? '') : '';
      for (const call of listIn(delta, 'tool_calls').filter(isJsonObject)) {
        const index = Number(call['index'] ?? 0);
        calls[index] = (calls[index] ?? '') + (textIn(objectIn(call, 'function'), 'arguments') ?? '');
      }
    }
  }
  return { text, calls: calls.filter((one) => one !== undefined) };
};

const textOf = ({ content }: Answer): string => content.map((part) => (part.type === 'text' ? part.text : '')).join('');
const callsOf = ({ content }: Answer): string[] =>
  content.flatMap((part) => (part.type === 'tool-call' ? [part.arguments] : []));

describe('recorded answers of vendors of this wire', () => {
  it('are all here', () => {
    expect([streams.length, whole.length]).toEqual([26, 39]);
  });

  it.each(streams)('decodes %s within the grammar, and misses nothing that it says', (path) => {
    const { parts, state } = decodeChunks(recordedStream(path));
    expect(parts.at(-1)).toEqual({ type: 'answer-end' });
    const answer = assemble(parts);
    const plain = plainReading(path);
    expect(textOf(answer)).toBe(plain.text);
    expect(callsOf(answer).map(parseJson)).toEqual(plain.calls.map((text) => parseJson(text)));
    expect(answer.usage).toEqual(state.usage);
    expect(answer.finish.reason).not.toBe('unknown');
  });

  it.each(streams)('decodes %s alike however its bytes are split', (path) => {
    const bytes = recordedStream(path);
    const expected = decodeChunks(bytes).parts;
    fc.assert(
      fc.property(fc.array(fc.nat(bytes.length), { maxLength: 20 }), (offsets) => {
        expect(decodeChunks(...cutAt(bytes, offsets)).parts).toEqual(expected);
      }),
      { numRuns: 10 },
    );
  });

  it.each(streams)('shows %s to a client as the same answer', (path) => {
    const { parts } = decodeChunks(recordedStream(path));
    const shown = unmarked(assemble(decodeText(encodeParts(parts)).parts));
    expect({ ...shown, content: joined(shown) }).toEqual({ ...assemble(parts), content: joined(assemble(parts)) });
  });

  it.each(whole)('decodes %s and shows it as the same answer', (path) => {
    const { body } = recordedAnswer(path);
    const message = messageIn(parseJson(Buffer.from(body).toString()));
    const answer = decodeWhole(body);
    expect(textOf(answer)).toBe(textOfMessage(message));
    expect(callsOf(answer)).toHaveLength(listIn(message, 'tool_calls').length);
    expect(answer.finish.reason).not.toBe('unknown');
    expect(answer.usage).not.toBeNull();
    const shown = unmarked(decodeWhole(openaiCodec.encodeAnswer(answer, frame)));
    // What tier its vendor served it in is for the ledger; clients are not told.
    const { servedTier: _tier, ...told } = answer;
    expect({ ...shown, content: joined(shown) }).toEqual({ ...told, content: joined(answer) });
  });

  it.each(broken)('gives neither finish nor end for %s', (name) => {
    const { parts, steps, state } = decodeChunks(recordedStream(`recordings/${name}`));
    expect(steps.some(({ kind }) => kind === 'failure')).toBe(true);
    expect(parts.some(({ type }) => type === 'finish' || type === 'answer-end')).toBe(false);
    expect(state.complete).toBe(false);
  });
});

/** The wire has no borders between texts, and refused answers say their text twice; apart from that nothing may differ. */
const joined = (answer: Answer): unknown => {
  const refusals = answer.content.flatMap((part) => (part.type === 'refusal' ? [part.text] : []));
  const refusal = refusals.length > 0 || answer.finish.reason !== 'content-filter' ? refusals.join('') : textOf(answer);
  return [textOf(answer), refusal, answer.content.filter((part) => part.type !== 'text' && part.type !== 'refusal')];
};

const messageIn = (answer: unknown): JsonObject | null => {
  const choice = isJsonObject(answer) ? listIn(answer, 'choices')[0] : null;
  return isJsonObject(choice) ? objectIn(choice, 'message') : null;
};

const textOfMessage = (message: JsonObject | null): string =>
  textIn(message, 'content') ??
  listIn(message, 'content')
    .map((part) => (isJsonObject(part) ? (textIn(part, 'text') ?? '') : ''))
    .join('');

describe('answers', () => {
  it('come back from a stream as they were, whatever the pieces and the splits', () => {
    fc.assert(
      fc.property(streamed(answers), fc.array(fc.nat(4_000)), ({ answer, parts: told }, offsets) => {
        const bytes = Buffer.from(encodeParts(told));
        const cuts = offsets.map((offset) => Math.min(offset, bytes.length));
        const { parts, state } = decodeChunks(...cutAt(bytes, cuts));
        expect(unmarked(assemble(parts))).toEqual(answer);
        expect(state.complete).toBe(true);
      }),
    );
  });

  it('come back whole as they were, and are the same as their streams', () => {
    fc.assert(
      fc.property(answers, (answer) => {
        expect(unmarked(decodeWhole(openaiCodec.encodeAnswer(answer, frame)))).toEqual(answer);
      }),
    );
  });

  it('are cut off nowhere without being known as incomplete', () => {
    fc.assert(
      fc.property(answers, fc.nat(), (answer, at) => {
        const text = encodeParts(partsOf(answer, [3]));
        const events = text.split('\n\n').slice(0, -1);
        const cut = events.slice(0, at % events.length).join('\n\n') + '\n\n';
        const { parts, state } = decodeText(cut);
        const finished = /"finish_reason":"/.test(cut);
        expect(state.complete).toBe(finished);
        expect(parts.some(({ type }) => type === 'answer-end')).toBe(finished);
      }),
    );
  });
});
