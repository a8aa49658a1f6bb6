import { transformJSONSchema } from '@anthropic-ai/sdk/lib/transform-json-schema';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { adaptSchema } from './adaptSchema.ts';

const annotations = fc.record(
  { description: fc.string({ maxLength: 5 }), title: fc.string({ maxLength: 5 }), default: fc.integer() },
  { requiredKeys: [] },
);
const leaves = fc.oneof(
  fc.record(
    { type: fc.constant('string'), format: fc.constantFrom('date', 'tea'), maxLength: fc.nat(9) },
    { requiredKeys: ['type'] },
  ),
  fc.record({ type: fc.constantFrom('integer', 'number'), minimum: fc.nat(9) }, { requiredKeys: ['type'] }),
  fc.record({ type: fc.constantFrom('boolean', 'null') }),
  fc.record({ type: fc.constant('string'), enum: fc.array(fc.string(), { minLength: 1, maxLength: 3 }) }),
  fc.record({ const: fc.constantFrom('a', 1, true) }),
  fc.record({ $ref: fc.constant('#/$defs/a') }),
);
const { schemas } = fc.letrec<{ schemas: object }>((tie) => ({
  schemas: fc.oneof(
    { maxDepth: 3 },
    fc.tuple(leaves, annotations).map(([leaf, more]) => ({ ...leaf, ...more })),
    fc.record(
      {
        type: fc.constant('object'),
        properties: fc.dictionary(fc.constantFrom('a', 'b', 'type'), tie('schemas'), { maxKeys: 3 }),
        required: fc.constant(['a']),
        additionalProperties: fc.constant(false),
        $defs: fc.dictionary(fc.constant('a'), tie('schemas')),
        $schema: fc.constant('x'),
      },
      { requiredKeys: ['type'] },
    ),
    fc.record(
      { type: fc.constant('array'), items: tie('schemas'), minItems: fc.nat(3), uniqueItems: fc.boolean() },
      { requiredKeys: ['type'] },
    ),
    fc.record({ anyOf: fc.array(tie('schemas'), { minLength: 1, maxLength: 3 }), title: fc.constant('t') }),
    fc.record({ oneOf: fc.array(tie('schemas'), { minLength: 1, maxLength: 3 }) }),
    fc.record({ allOf: fc.array(tie('schemas'), { minLength: 1, maxLength: 3 }) }),
  ),
}));

/** The words in a description stand in any order. */
const comparable = (schema: unknown): unknown =>
  JSON.parse(JSON.stringify(schema), (key, value: unknown) =>
    key === 'description' && typeof value === 'string' ? Array.from(value).toSorted().join('') : value,
  );

describe('adaptSchema', () => {
  it('does what the vendor’s own SDK does', () => {
    fc.assert(
      fc.property(schemas, (schema) => {
        expect(comparable(adaptSchema({ ...schema }).schema)).toEqual(comparable(transformJSONSchema({ ...schema })));
      }),
      { numRuns: 1_000 },
    );
  });

  it('takes what the SDK gives up on: types in a list, and none at all', () => {
    const schema = {
      properties: { a: { type: ['string', 'null'] }, b: {}, c: true, d: { items: { type: 'number' } } },
    };
    expect(adaptSchema(schema)).toEqual({
      schema: {
        properties: { a: { type: ['string', 'null'] }, b: {}, c: {}, d: { items: { type: 'number' } } },
        additionalProperties: false,
      },
      moved: [],
      isOpen: false,
    });
  });

  it('tells which limits the vendor will not hold, but not of notes', () => {
    const schema = { type: 'integer', minimum: 1, multipleOf: 2, default: 4, examples: [2], description: 'Even.' };
    expect(adaptSchema(schema)).toEqual({
      schema: {
        type: 'integer',
        description: 'Even.\n\n{minimum: 1, multipleOf: 2, default: 4, examples: [2]}',
      },
      moved: ['minimum', 'multipleOf'],
      isOpen: false,
    });
  });

  it.each([
    [{ type: 'object', additionalProperties: { type: 'string' } }],
    [{ type: 'array', items: { type: 'object', additionalProperties: true } }],
    [{ type: 'object', patternProperties: { '^a': {} } }],
  ])('tells that %j allows members of any name', (schema) => {
    expect(adaptSchema(schema).isOpen).toBe(true);
  });

  it('changes nothing of what it is given', () => {
    const schema = Object.freeze({
      type: 'object',
      properties: Object.freeze({ a: Object.freeze({ type: 'string', pattern: 'a' }) }),
    });
    expect(adaptSchema(schema).moved).toEqual(['pattern']);
    expect(schema.properties.a.pattern).toBe('a');
  });
});
