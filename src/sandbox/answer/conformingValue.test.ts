import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { drawFrom } from '../Draw.ts';
import { conformingValue } from './conformingValue.ts';
import { textMatching } from './textMatching.ts';

const hints = { subject: null };
const seeds = Array.from({ length: 12 }, (_, seed) => seed);

/** Checked by a validator that shares no code with the generator. */
const expectConforming = (schema: Record<string, unknown>): void => {
  const validator = z.fromJSONSchema(schema as Parameters<typeof z.fromJSONSchema>[0]);
  for (const seed of seeds) {
    const value = conformingValue(schema, drawFrom(seed), hints);
    const verdict = validator.safeParse(value);
    expect(verdict.success, `${JSON.stringify(value)}: ${JSON.stringify(verdict.error?.issues)}`).toBe(true);
  }
};

describe('a generated value', () => {
  test.each<Record<string, unknown>>([
    { type: 'object', properties: { city: { type: 'string' } }, required: ['city'], additionalProperties: false },
    {
      type: 'object',
      properties: { unit: { enum: ['c', 'f'] }, flag: { type: 'boolean' } },
      required: ['unit', 'flag'],
    },
    {
      type: 'object',
      properties: { rows: { type: 'array', minItems: 3, items: { type: 'integer', minimum: 5, maximum: 7 } } },
      required: ['rows'],
    },
    {
      type: 'array',
      items: { type: 'number', exclusiveMinimum: 0, exclusiveMaximum: 1, multipleOf: 0.25 },
      minItems: 2,
      maxItems: 2,
    },
    { type: 'integer', minimum: -3, maximum: -3 },
    { type: 'integer', exclusiveMinimum: 4, maximum: 5 },
    { type: 'number', maximum: -100 },
    { type: 'number', minimum: 0.1, maximum: 0.2 },
    { type: 'string', minLength: 30, maxLength: 31 },
    { type: 'string', maxLength: 2 },
    { type: 'string', pattern: '^[A-Z]{3}-\\d{2,4}$' },
    { const: 'only' },
    { type: ['string', 'null'] },
    { anyOf: [{ type: 'null' }, { type: 'object', properties: { id: { type: 'integer' } }, required: ['id'] }] },
    {
      allOf: [
        { type: 'object', properties: { a: { type: 'string' } }, required: ['a'] },
        { type: 'object', properties: { b: { type: 'null' } }, required: ['b'] },
      ],
    },
    {
      $ref: '#/$defs/node',
      $defs: {
        node: {
          type: 'object',
          properties: { label: { type: 'string' }, next: { anyOf: [{ $ref: '#/$defs/node' }, { type: 'null' }] } },
          required: ['label', 'next'],
        },
      },
    },
    { type: 'object', properties: { children: { type: 'array', items: { $ref: '#' } } }, required: ['children'] },
    { type: 'string', format: 'date-time' },
    { type: 'string', format: 'uuid' },
    { type: 'string', format: 'email' },
  ])('follows %j', (schema) => {
    expectConforming(schema);
  });

  test('follows any schema made of objects, lists, choices and bounded numbers', () => {
    const leaf = fc.oneof(
      fc.constant({ type: 'string' }),
      fc.constant({ type: 'boolean' }),
      fc.constant({ enum: ['one', 'two'] }),
      fc.integer({ min: -50, max: 50 }).map((minimum) => ({ type: 'integer', minimum, maximum: minimum + 2 })),
    );
    const { schema } = fc.letrec<{
      schema: Record<string, unknown>;
      object: Record<string, unknown>;
      list: Record<string, unknown>;
    }>((tie) => ({
      schema: fc.oneof({ maxDepth: 4 }, leaf, tie('object'), tie('list')),
      object: fc.dictionary(fc.stringMatching(/^[a-z]{1,6}$/), tie('schema'), { maxKeys: 3 }).map((properties) => ({
        type: 'object',
        properties,
        required: Object.keys(properties),
      })),
      list: fc.record({ items: tie('schema'), minItems: fc.nat(2) }).map((list) => ({ type: 'array', ...list })),
    }));
    fc.assert(fc.property(schema, expectConforming), { numRuns: 60 });
  });

  test('is the same for the same draws', () => {
    const schema = {
      type: 'object',
      properties: { a: { type: 'string' }, b: { type: 'number' } },
      required: ['a', 'b'],
    };
    expect(conformingValue(schema, drawFrom(3), hints)).toEqual(conformingValue(schema, drawFrom(3), hints));
  });

  test('speaks of the subject, and never makes a command that does harm', () => {
    const schema = {
      type: 'object',
      properties: { city: { type: 'string' }, command: { type: 'string' } },
      required: ['city', 'command'],
    };
    expect(conformingValue(schema, drawFrom(3), { subject: 'Paris' })).toEqual({
      city: 'Paris',
      command: 'echo Paris',
    });
  });

  test.each([
    '^\\d{4}-\\d{2}$',
    '^(yes|no)$',
    '^[a-f0-9]{8}$',
    '^https?://[a-z]+\\.example(/[a-z]*)?$',
    '^[^\\s@]+@[^\\s@]+$',
    '^(?:a|b)+c?$',
    '^\\w+$',
    '^[A-Za-z_][A-Za-z0-9_]*$',
    'x{3}',
    '^[\\d-]+$',
    '^.{2,5}$',
  ])('matches the pattern %s', (pattern) => {
    for (const seed of seeds) expect(textMatching(pattern, drawFrom(seed))).toMatch(new RegExp(pattern, 'u'));
  });

  test('ends for every schema and every pattern, even nonsense', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.string(), (schema, pattern) => {
        conformingValue(schema, drawFrom(1), hints);
        expect(typeof textMatching(pattern, drawFrom(1))).toBe('string');
      }),
    );
  });
});
