import { describe, expect, it } from 'vitest';

import { isJsonObject, listIn, type JsonObject } from '../../json/JsonObject.ts';
import { fixtureJson } from '../../recordings.fixture.ts';
import { camelCased } from './camelCased.ts';
import { decodeSchema } from './decodeSchema.ts';
import { encodeSchema } from './encodeSchema.ts';
import { bodyOf } from './requests.fixture.ts';

const recorded = fixtureJson('cases/31-mcp-schema-for-gemini.tools.json');
const tools = (isJsonObject(recorded) ? listIn(recorded, 'tools') : []).filter(isJsonObject).map((tool) => ({
  name: String(tool['name']),
  description: null,
  parameters: isJsonObject(tool['inputSchema']) ? tool['inputSchema'] : {},
  strict: null,
}));
const declarationsFor = (unsupported: readonly string[]): unknown => {
  const written = listIn(bodyOf({ tools }, { unsupported }), 'tools')[0];
  return isJsonObject(written) ? written['functionDeclarations'] : null;
};

describe('schemas of tools (case 31)', () => {
  it('go whole where the target takes JSON Schema: only their dialect is left out, and what lacks a type is an object', () => {
    const { $schema: _schema, ...whole } = tools[0]?.parameters ?? {};
    expect(declarationsFor([])).toEqual([
      { name: 'find', parametersJsonSchema: whole },
      { name: 'noop', parametersJsonSchema: { type: 'object', properties: {} } },
    ]);
  });

  it('are brought into the vendor’s subset where it does not: keywords go only where they are keywords', () => {
    expect(declarationsFor(['parametersJsonSchema'])).toEqual([
      {
        name: 'find',
        parameters: {
          type: 'OBJECT',
          required: ['q'],
          properties: {
            q: { type: 'STRING', nullable: true, pattern: '^a' },
            mode: { anyOf: [{ type: 'STRING', enum: ['x', 'y'] }, { type: 'NUMBER' }] },
            data: { type: 'STRING' },
            additionalProperties: { type: 'STRING', description: 'a real argument of this name' },
            n: { type: 'INTEGER', minimum: 1 },
          },
        },
      },
      { name: 'noop', parameters: { type: 'OBJECT', properties: {} } },
    ]);
  });
});

// Each of these would be written out a hundred times its own length, or not before the test gives up.
describe('a schema that is referred to very often', () => {
  const count = 4_000;
  const many = Array.from({ length: count }, (_, index) => `v${index}`);
  const unknown = Object.fromEntries(many.map((name) => [name, 0]));

  it.each<[string, JsonObject]>([
    ['text', { type: 'string', description: 'a'.repeat(100_000) }],
    ['values', { type: 'string', enum: many }],
    ['names', { type: 'object', properties: {}, required: many }],
    ['keywords', { type: 'string', ...unknown }],
    ['types', { type: many, ...unknown }],
    ['steps to another one', { $ref: `#${'/a'.repeat(50_000)}` }],
  ])('and has very many %s becomes no more than it may', (_, definition) => {
    const properties = Object.fromEntries(many.map((name) => [name, { $ref: '#/$defs/a' }]));
    const written = encodeSchema({ type: 'object', properties, $defs: { a: definition } });
    expect(JSON.stringify(written).length).toBeLessThan(5_000_000);
    expect(Object.keys(written['properties'] ?? {})).toHaveLength(count);
  });
});

describe('encodeSchema', () => {
  it.each<[string, JsonObject, JsonObject]>([
    [
      'a choice with null',
      { anyOf: [{ type: 'string' }, { type: 'null' }] },
      { nullable: true, anyOf: [{ type: 'STRING' }] },
    ],
    [
      'several types',
      { type: ['string', 'integer', 'null'] },
      { nullable: true, anyOf: [{ type: 'STRING' }, { type: 'INTEGER' }] },
    ],
    ['a literal', { const: 'x' }, { type: 'STRING', enum: ['x'] }],
    [
      'a list',
      { items: { type: 'string', format: 'uri' }, minItems: 1 },
      { type: 'ARRAY', minItems: 1, items: { type: 'STRING' } },
    ],
    ['a list of anything', { type: 'array' }, { type: 'ARRAY', items: {} }],
    [
      'parts that all hold',
      { allOf: [{ type: 'object', properties: { a: { type: 'string' } }, required: ['a'] }] },
      { type: 'OBJECT', required: ['a'], properties: { a: { type: 'STRING' } } },
    ],
    [
      'parts that lead elsewhere and speak of one property',
      {
        allOf: [{ $ref: '#/$defs/A' }, { $ref: '#/$defs/B' }, { required: ['b', 'a'] }],
        $defs: {
          A: { type: 'object', properties: { a: { type: 'string' }, b: {} }, required: ['a'] },
          B: { allOf: [{ properties: { a: { description: 'an a' } } }] },
        },
      },
      {
        type: 'OBJECT',
        required: ['a', 'b'],
        properties: { a: { type: 'STRING', description: 'an a' }, b: {} },
      },
    ],
    [
      'alternatives that only say what is required',
      {
        type: 'object',
        properties: { a: { type: 'string' }, b: { type: 'string' } },
        required: ['b'],
        anyOf: [{ required: ['a'] }, { type: 'object', required: ['b'], not: { required: ['a'] } }, true],
      },
      { type: 'OBJECT', required: ['b'], properties: { a: { type: 'STRING' }, b: { type: 'STRING' } } },
    ],
    [
      'alternatives to which a type and properties stand beside',
      {
        description: 'd',
        properties: { kind: { type: 'string', description: 'k' } },
        required: ['kind'],
        oneOf: [{ properties: { kind: { const: 'a' }, a: { type: 'number' } }, required: ['a'] }, { required: [] }],
      },
      {
        description: 'd',
        anyOf: [
          {
            type: 'OBJECT',
            required: ['a', 'kind'],
            properties: { kind: { type: 'STRING', description: 'k', enum: ['a'] }, a: { type: 'NUMBER' } },
          },
          {
            type: 'OBJECT',
            required: ['kind'],
            properties: { kind: { type: 'STRING', description: 'k' } },
          },
        ],
      },
    ],
    [
      'alternatives of a text',
      { type: 'string', anyOf: [{ format: 'date-time' }, { pattern: '^x' }, { type: 'null' }] },
      {
        nullable: true,
        anyOf: [
          { type: 'STRING', format: 'date-time' },
          { type: 'STRING', pattern: '^x' },
        ],
      },
    ],
    ['an address elsewhere', { $ref: 'https://a.example/schema' }, { type: 'OBJECT' }],
    ['a reference to nothing', { $ref: '#/$defs/constructor', $defs: {} }, { type: 'OBJECT' }],
  ])('writes %s', (_, schema, written) => {
    expect(encodeSchema(schema)).toEqual(written);
  });

  it('ends with a schema that holds itself, once or many times over', () => {
    const node = { type: 'object', properties: { a: { $ref: '#/$defs/N' }, b: { $ref: '#/$defs/N' } } };
    const written = JSON.stringify(encodeSchema({ $ref: '#/$defs/N', $defs: { N: node } }));
    expect(written.length).toBeLessThan(2_000_000);
  });
});

describe('encodeSchema, of a schema that was made to take long', () => {
  const many = (length: number, one: (at: number) => object) => Array.from({ length }, (_, at) => one(at));

  it.each<[string, JsonObject]>([
    ['many parts', { allOf: many(20_000, (at) => ({ properties: { [`p${at}`]: {} }, required: [`p${at}`] })) }],
    ['many parts about one property', { allOf: many(20_000, () => ({ properties: { a: { allOf: [{}] } } })) }],
    ['parts that lead back', { allOf: many(500, () => ({ $ref: '#', properties: { a: { $ref: '#' } } })) }],
    [
      'many alternatives to many properties',
      {
        properties: Object.fromEntries(many(5_000, () => ({})).map((one, at) => [`p${at}`, one])),
        anyOf: many(5_000, () => ({ properties: { a: { $ref: '#' } } })),
      },
    ],
    ['alternatives inside of themselves', { properties: { a: { $ref: '#' } }, anyOf: many(30, () => ({ $ref: '#' })) }],
  ])('ends with %s', (_, schema) => {
    expect(JSON.stringify(encodeSchema(schema)).length).toBeLessThan(2_000_000);
  });
});

describe('decodeSchema', () => {
  it('reads the vendor’s subset as a JSON Schema', () => {
    expect(
      decodeSchema({
        type: 'OBJECT',
        propertyOrdering: ['a', 'type'],
        required: ['a'],
        properties: {
          a: { type: 'STRING', nullable: true, enum: ['x'], format: 'enum' },
          type: { type: 'ARRAY', minItems: '1', items: { type: 'INTEGER', format: 'int32', example: 3 } },
          any: { anyOf: [{ type: 'NUMBER' }, { type: 'TYPE_UNSPECIFIED' }] },
        },
      }),
    ).toEqual({
      type: 'object',
      required: ['a'],
      properties: {
        a: { type: ['string', 'null'], enum: ['x', null] },
        type: { type: 'array', minItems: 1, items: { type: 'integer', format: 'int32', examples: [3] } },
        any: { anyOf: [{ type: 'number' }, {}] },
      },
    });
  });

  it('reads the schemas of other properties and of definitions too, and where references lead', () => {
    const decoded = {
      type: 'object',
      additionalProperties: { type: 'array', items: { $ref: '#/$defs/a_Pet' } },
      $defs: { a_Pet: { type: 'object', additionalProperties: false } },
    };
    const items = { ref: '#/defs/a_Pet' };
    const defs = { a_Pet: { type: 'OBJECT', additionalProperties: false } };
    expect(decodeSchema({ type: 'OBJECT', additionalProperties: { type: 'ARRAY', items }, defs })).toEqual(decoded);
    const snake = { type: 'OBJECT', additional_properties: { type: 'ARRAY', items: { $ref: '#/$defs/a_Pet' } } };
    expect(decodeSchema(camelCased({ ...snake, $defs: defs }))).toEqual(decoded);
  });
});
