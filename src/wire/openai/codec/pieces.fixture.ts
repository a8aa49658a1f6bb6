// Pieces of requests that both of OpenAI's wires have words for, drawn by chance.
import fc from 'fast-check';

import type { OutputFormat, Tool, ToolCallPart, ToolChoice } from '../../../vocabulary/index.ts';

export const words = fc.string({ unit: 'grapheme', minLength: 1 });
export const name = fc.stringMatching(/^[A-Za-z0-9_-]{1,20}$/);
export const text = words.map((one) => ({ type: 'text' as const, text: one }));
export const base64 = fc.base64String({ minLength: 4 });

export const picture = fc.record({
  type: fc.constant('image' as const),
  source: fc.oneof(
    fc.record({
      type: fc.constant('base64' as const),
      mediaType: fc.constantFrom('image/png', 'image/jpeg'),
      data: base64,
    }),
    fc.record({ type: fc.constant('url' as const), url: fc.webUrl({ validSchemes: ['https'] }) }),
  ),
  detail: fc.constantFrom('low', 'auto'),
});

export const document = fc.record({
  type: fc.constant('file' as const),
  source: fc.record({
    type: fc.constant('base64' as const),
    mediaType: fc.constant('application/pdf'),
    data: base64,
  }),
  name: fc.constantFrom('a.pdf', 'b'),
});

/** A file that the vendor keeps for those who speak a wire. */
export const storedFile = (wire: string) =>
  fc.record({
    type: fc.constant('file' as const),
    source: fc.record({ type: fc.constant('stored' as const), wire: fc.constant(wire), id: name }),
    name: fc.constant(null),
  });

export const call: fc.Arbitrary<ToolCallPart> = fc.record({
  type: fc.constant('tool-call' as const),
  id: fc.uuid(),
  name,
  arguments: fc.dictionary(fc.string(), fc.jsonValue()).map((value) => JSON.stringify(value)),
});

const closed = { type: 'object', properties: { a: { type: 'string' } }, required: ['a'], additionalProperties: false };
const open = { type: 'object', properties: { a: { type: 'string' } } };

/** @param strict What may be said of whether its arguments must fit. */
export const toolOf = (strict: fc.Arbitrary<Tool['strict']>): fc.Arbitrary<Tool> =>
  fc.record({ name, description: fc.option(words), parameters: fc.constantFrom(closed, open), strict });

export const toolChoice: fc.Arbitrary<ToolChoice> = fc.oneof(
  fc.constantFrom({ type: 'auto' as const }, { type: 'none' as const }, { type: 'required' as const }),
  fc.record({ type: fc.constant('named' as const), name }),
);

export const outputFormat: fc.Arbitrary<OutputFormat> = fc.oneof(
  fc.constantFrom({ type: 'text' as const }, { type: 'json-object' as const }),
  fc
    .record({ name, description: fc.option(words), strict: fc.boolean() })
    .map((one) => ({ ...one, type: 'json-schema' as const, schema: one.strict ? closed : open })),
);
