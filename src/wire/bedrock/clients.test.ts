// Recorded streams of this wire as clients of the others get them.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import type { AnswerPart } from '../../vocabulary/index.ts';
import { anthropicWire } from '../anthropic/anthropicWire.ts';
import { assemble, frame, isWhole } from '../codec/answers.fixture.ts';
import { PartGrammar } from '../codec/PartGrammar.ts';
import { anthropicClient, geminiClient, openaiClient, responsesClient } from '../officialClients.fixture.ts';
import { openaiWire } from '../openai/openaiWire.ts';
import { geminiWire } from '../gemini/geminiWire.ts';
import { responsesWire } from '../responses/responsesWire.ts';
import { TranslatingRelay } from '../passage/TranslatingRelay.ts';
import { judgeChat, judgeGenerated, judgeMessages, judgeResponses } from '../streamGrammar.fixture.ts';
import type { Wire } from '../wire.ts';
import { bedrockWire } from './bedrockWire.ts';
import { claude, converseStreams, factsOf, messagesIn, streamBytes } from './recordings.fixture.ts';

const relayed = (client: Wire, bytes: Uint8Array): string => {
  const relay = new TranslatingRelay(bedrockWire.codec.decodeStream(factsOf(claude)), client.codec, frame);
  const pieces = messagesIn(bytes).map((event) => relay.relay(event).bytes);
  return Buffer.concat([...pieces, relay.closing()]).toString('utf8');
};

const answerIn = (path: string) => {
  const decoder = bedrockWire.codec.decodeStream(factsOf(claude));
  const parts = messagesIn(streamBytes(path)).flatMap((event) => decoder.decode(event).parts);
  return assemble([...parts, ...decoder.closing()]);
};

describe.each([
  ['chat', openaiWire, judgeChat, openaiClient],
  ['messages', anthropicWire, judgeMessages, anthropicClient],
  ['responses', responsesWire, judgeResponses, responsesClient],
  ['contents', geminiWire, judgeGenerated, geminiClient],
])('recorded streams in the words of %s', (_, client, judge, official) => {
  it.each(converseStreams)(
    'keep its grammar, and are read by its official client as they were said: %s',
    async (path) => {
      const sent = relayed(client, streamBytes(path));
      expect(judge(sent)).toEqual({ fault: null, whole: true });
      const { content, usage } = answerIn(path);
      const read = await official.readStream(Buffer.from(sent), [7, 70, 700]);
      const wordsOf = (type: 'text' | 'thinking') =>
        content.map((part) => (part.type === type ? part.text : '')).join('');
      expect([read.text, read.thinking]).toEqual([wordsOf('text'), wordsOf('thinking')]);
      expect(read.calls).toEqual(
        content.flatMap((part) =>
          part.type === 'tool-call' ? [[part.id, part.name, JSON.parse(part.arguments)]] : [],
        ),
      );
      expect(read.usage?.[2]).toBe(usage?.output);
    },
  );

  it('have no end where they are cut off after any of their bytes before it', () => {
    const bytes = streamBytes(converseStreams[0] ?? '');
    const events = messagesIn(bytes);
    const stop = events.findIndex(({ event }) => event === 'messageStop');
    const whole = events.slice(0, stop + 1).reduce((sum, { raw }) => sum + raw.length, 0);
    fc.assert(
      fc.property(fc.nat(whole - 1), (length) => {
        expect(judge(relayed(client, bytes.subarray(0, length)))).toEqual({ fault: null, whole: false });
      }),
    );
  });
});

const anyText = fc.constantFrom('', 'x', '{"a":', '1}', '/w==', 'RXFr');
const madness = fc.oneof(
  fc.constantFrom<unknown>(null, 1, 'text', [], {}),
  fc.record(
    {
      text: fc.oneof(anyText, fc.constant(7)),
      toolUse: fc.record(
        { toolUseId: anyText, name: anyText, input: fc.oneof(anyText, fc.constant({ a: 1 })), type: anyText },
        { requiredKeys: [] },
      ),
      reasoningContent: fc.oneof(
        fc.record({ text: anyText, signature: anyText, redactedContent: anyText }, { requiredKeys: [] }),
        fc.record({ reasoningText: fc.record({ text: anyText, signature: anyText }, { requiredKeys: [] }) }),
      ),
      citationsContent: fc.constantFrom<unknown>({ content: [null, { text: 'a' }] }, 1),
    },
    { requiredKeys: [] },
  ),
);
const events = fc.record({
  event: fc.constantFrom(
    'messageStart',
    'contentBlockStart',
    'contentBlockDelta',
    'contentBlockDelta',
    'contentBlockStop',
    'messageStop',
    'metadata',
    'teaBreak',
    null,
  ),
  data: fc
    .record(
      {
        contentBlockIndex: fc.constantFrom<unknown>(0, 1, 2, -1, 'a'),
        start: madness,
        delta: madness,
        stopReason: fc.constantFrom<unknown>('end_turn', 7),
        usage: fc.constantFrom<unknown>({ inputTokens: 1, outputTokens: -1 }, { outputTokens: 1.5 }, 3),
      },
      { requiredKeys: [] },
    )
    .map((body) => JSON.stringify(body)),
});

it('whatever a vendor sends, its parts keep their grammar', () => {
  fc.assert(
    fc.property(fc.array(events, { maxLength: 12 }), (sent) => {
      const decoder = bedrockWire.codec.decodeStream(factsOf(claude));
      const parts: AnswerPart[] = [];
      for (const event of sent) {
        const step = decoder.decode({ ...event, raw: new Uint8Array(0) });
        parts.push(...step.parts);
        // Nobody reads on after the end.
        if (step.kind === 'terminal' || step.kind === 'failure') break;
      }
      parts.push(...decoder.closing());
      const grammar = new PartGrammar();
      for (const part of parts) grammar.check(part);
      expect(isWhole(parts)).toBe(decoder.state.complete);
    }),
    { numRuns: 2_000 },
  );
});

it('whatever an answer holds, it is read or refused', () => {
  fc.assert(
    fc.property(fc.array(madness, { maxLength: 4 }), (content) => {
      const body = Buffer.from(JSON.stringify({ output: { message: { content } }, stopReason: 'end_turn' }));
      const decoded = bedrockWire.codec.decodeAnswer(body, factsOf(claude));
      expect(decoded.ok).toBe(true);
    }),
    { numRuns: 500 },
  );
});
