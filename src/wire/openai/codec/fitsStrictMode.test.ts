import { describe, expect, it } from 'vitest';

import { fitsStrictMode } from './fitsStrictMode.ts';

const closed = (properties: object, more: object = {}): { readonly [name: string]: unknown } => ({
  type: 'object',
  properties,
  required: Object.keys(properties),
  additionalProperties: false,
  ...more,
});

const deep = (levels: number): object => (levels === 0 ? { type: 'string' } : closed({ a: deep(levels - 1) }));

describe('fitsStrictMode', () => {
  it.each([
    ['no properties', closed({})],
    ['nested objects', closed({ a: closed({ b: { type: ['string', 'null'] } }) })],
    [
      'lists and choices',
      closed({ a: { type: 'array', items: closed({}) }, b: { anyOf: [closed({}), { type: 'null' }] } }),
    ],
    ['references', closed({ a: { $ref: '#/$defs/x' } }, { $defs: { x: closed({ y: { enum: [1] } }) } })],
    ['a property called like a keyword', closed({ properties: { type: 'string' }, oneOf: { type: 'string' } })],
  ])('takes a schema with %s', (_, schema) => {
    expect(fitsStrictMode(schema)).toBe(true);
  });

  it.each([
    ['an open object', closed({}, { additionalProperties: true })],
    ['an object that says nothing of others', { type: 'object', properties: {} }],
    ['a property that may be missing', closed({ a: {}, b: {} }, { required: ['a'] })],
    ['an open object deep inside', closed({ a: { type: 'array', items: { anyOf: [{ type: 'object' }] } } })],
    ['an open definition', closed({ a: { $ref: '#/$defs/x' } }, { $defs: { x: { type: 'object' } } })],
    ['a keyword that it does not know', closed({ a: { type: 'string', minLength: 1 } })],
    ['a choice at the root', closed({}, { anyOf: [closed({})] })],
    ['a list at the root', { type: 'array', items: { type: 'string' } }],
    ['a schema that is no object', closed({ a: true })],
    ['more levels than it takes', closed({ a: deep(11) })],
  ])('takes no schema with %s', (_, schema) => {
    expect(fitsStrictMode(schema)).toBe(false);
  });
});
