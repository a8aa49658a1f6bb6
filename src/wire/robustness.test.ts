import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { isUsage } from '../vocabulary/index.ts';
import { PartGrammar } from './codec/PartGrammar.ts';
import type { JsonObject } from './json/JsonObject.ts';
import { clientWires } from './matchRoute.ts';
import { factsFor } from './recordings.fixture.ts';
import { utf8Bytes } from './utf8.ts';

/** Members that the wires look at, with values of every kind: what a vendor could send when it goes mad. */
const member = fc.constantFrom(
  ...`type choices delta content tool_calls finish_reason usage error index function message id content_block prompt_tokens
  completion_tokens total_tokens prompt_tokens_details cached_tokens input_tokens output_tokens cache_creation iterations code details
  detail loc metadata x_groq text thinking candidates parts functionCall args partialArgs finishReason usageMetadata promptTokenCount
  totalTokenCount promptTokensDetails promptFeedback blockReason response item output part summary item_id output_index content_index summary_index arguments
  encrypted_content call_id name refusal status`.split(/\s+/),
);

const word = fc.constantFrom(
  'message_start',
  'message_delta',
  'message_stop',
  'content_block_delta',
  'error',
  'stop',
  'compaction',
  'response.created',
  'response.output_item.added',
  'response.output_text.delta',
  'response.reasoning_summary_text.delta',
  'response.function_call_arguments.delta',
  'response.output_item.done',
  'response.completed',
  'message',
  'reasoning',
  'function_call',
  '',
);

const { madness } = fc.letrec<{ madness: unknown; leaf: unknown; list: unknown; object: unknown }>((tie) => ({
  madness: fc.oneof({ maxDepth: 5, withCrossShrink: true }, tie('leaf'), tie('list'), tie('object')),
  leaf: fc.oneof(
    fc.integer({ min: -3, max: 1_000 }),
    fc.double(),
    fc.constant(null),
    fc.boolean(),
    word,
    fc.string({ maxLength: 4 }),
  ),
  list: fc.array(tie('madness'), { maxLength: 3 }),
  object: fc.dictionary(member, tie('madness'), { maxKeys: 5 }),
}));

const bodies: Readonly<Record<string, JsonObject>> = {
  openai: { model: 'm', messages: [], stream: true },
  anthropic: { model: 'm', messages: [], max_tokens: 1, stream: true },
  responses: { model: 'm', input: [], stream: true },
  gemini: { contents: [] },
};

describe.each([...clientWires.values()])('the wire $name, whatever a vendor sends,', (wire) => {
  const facts = factsFor(wire, 'generate', bodies[wire.name] ?? {});

  it('observes a stream without throwing, and counts only what can be counted', () => {
    fc.assert(
      fc.property(fc.array(madness, { maxLength: 5 }), (payloads) => {
        const observer = wire.observeStream(facts);
        let failed = false;
        for (const payload of payloads) {
          const step = observer.observe({ event: null, data: JSON.stringify(payload), raw: new Uint8Array(0) });
          failed ||= step.kind === 'failure';
          expect(step.kind === 'failure').toBe(step.failure !== undefined);
        }
        const { usage, complete, outputBytes } = observer.state;
        expect(usage === null || isUsage(usage)).toBe(true);
        expect(outputBytes).toBeGreaterThanOrEqual(0);
        if (failed) expect(complete).toBe(false);
      }),
      { numRuns: 3_000 },
    );
  });

  it('decodes a stream without throwing, into parts that keep their grammar', () => {
    fc.assert(
      fc.property(fc.array(madness, { maxLength: 5 }), (payloads) => {
        const decoder = wire.codec.decodeStream(facts);
        const grammar = new PartGrammar();
        for (const payload of payloads) {
          const event = { event: null, data: JSON.stringify(payload), raw: new Uint8Array(0) };
          const { parts, kind } = decoder.decode(event);
          for (const part of parts) grammar.check(part);
          if (kind === 'failure') expect(decoder.state.complete).toBe(false);
        }
        const closing = decoder.closing();
        for (const part of closing) grammar.check(part);
        expect(closing.length > 0 && !decoder.state.complete).toBe(false);
      }),
      { numRuns: 2_000 },
    );
  });

  it('reads answers and refusals without throwing', () => {
    const anyBytes = fc.oneof(
      madness.map((value) => utf8Bytes(JSON.stringify(value))),
      fc.uint8Array({ maxLength: 30 }),
    );
    fc.assert(
      fc.property(anyBytes, fc.integer({ min: 100, max: 599 }), (body, status) => {
        for (const operation of ['generate', 'embed', 'countTokens'] as const) {
          const read = wire.readAnswer(operation, body);
          if (read.ok) expect(read.value.usage === null || isUsage(read.value.usage)).toBe(true);
        }
        const failure = wire.classify({ status, headers: {}, body }, 0);
        expect(failure.status).toBe(status);
        expect((failure.message ?? '').length).toBeLessThanOrEqual(500);
      }),
      { numRuns: 3_000 },
    );
  });

  it('reads requests without throwing', () => {
    const anyBytes = fc.oneof(
      fc
        .dictionary(
          fc.constantFrom(
            'model',
            'messages',
            'input',
            'stream',
            'stream_options',
            'n',
            'max_tokens',
            'tools',
            'contents',
            'generationConfig',
          ),
          madness,
        )
        .map((value) => utf8Bytes(JSON.stringify(value))),
      fc.uint8Array({ maxLength: 30 }),
    );
    fc.assert(
      fc.property(anyBytes, (body) => {
        const read = wire.readRequest(body, 'generate');
        if (read.ok)
          wire.editRequest(body, read.value, { model: 'x', askUsage: true, outputBoundTokens: 5, drop: ['n'] });
        else expect(read.fault.message).not.toBe('');
      }),
      { numRuns: 3_000 },
    );
  });
});
