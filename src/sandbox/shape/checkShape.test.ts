import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { checkShape } from './checkShape.ts';
import { shapes } from './shapes.ts';

const { array, boolean, choice, either, integer, map, nullable, number, object, string, tagged, text } = shapes;
const plain = { namesCases: false };

const person = object(
  { name: text(/^[a-z]+$/), tags: array(string, 1, 2) },
  {
    age: integer(0, 150),
    share: number(0, 1),
    alive: boolean,
    mood: nullable(choice('glad', 'sad')),
    home: tagged(
      'type',
      { house: object({}, { type: string, rooms: integer() }), boat: object({ type: string }) },
      'house',
    ),
    notes: either(string, array(integer())),
    extra: map(boolean),
  },
);

describe('a shape', () => {
  test('accepts all that its schema lets pass', () => {
    const value = {
      name: 'ada',
      tags: ['x'],
      age: 36,
      share: 1,
      alive: false,
      mood: null,
      home: { rooms: 3 },
      notes: [1, 2],
      extra: { a: true },
    };
    expect(checkShape(person, value, plain)).toBeNull();
  });

  test.each([
    [[], { kind: 'type', path: [], expected: ['object'], got: 'array' }],
    [{ name: 'ada' }, { kind: 'missing', path: ['tags'] }],
    [
      { name: 'ada', tags: ['x'], hat: 1 },
      { kind: 'unknown', path: ['hat'] },
    ],
    [
      { name: 'Ada', tags: ['x'] },
      { kind: 'pattern', path: ['name'], pattern: '^[a-z]+$' },
    ],
    [
      { name: 'ada', tags: [] },
      { kind: 'short', path: ['tags'], bound: 1, got: 0, of: 'array' },
    ],
    [
      { name: 'ada', tags: ['a', 'b', 'c'] },
      { kind: 'long', path: ['tags'], bound: 2, got: 3, of: 'array' },
    ],
    [
      { name: 'ada', tags: ['a', 1] },
      { kind: 'type', path: ['tags', 1], expected: ['string'], got: 'integer' },
    ],
    [
      { name: 'ada', tags: ['x'], age: 1.5 },
      { kind: 'type', path: ['age'], expected: ['integer'], got: 'number' },
    ],
    [
      { name: 'ada', tags: ['x'], age: -1 },
      { kind: 'below', path: ['age'], bound: 0, got: -1, integer: true },
    ],
    [
      { name: 'ada', tags: ['x'], share: 2 },
      { kind: 'above', path: ['share'], bound: 1, got: 2, integer: false },
    ],
    [
      { name: 'ada', tags: ['x'], mood: 'odd' },
      { kind: 'value', path: ['mood'], allowed: ['glad', 'sad'], got: 'odd' },
    ],
    [
      { name: 'ada', tags: ['x'], home: { type: 'tent' } },
      { kind: 'value', path: ['home', 'type'], allowed: ['house', 'boat'], got: 'tent' },
    ],
    [
      { name: 'ada', tags: ['x'], home: { type: 'boat', rooms: 1 } },
      { kind: 'unknown', path: ['home', 'rooms'] },
    ],
    [
      { name: 'ada', tags: ['x'], notes: ['a'] },
      { kind: 'type', path: ['notes', 0], expected: ['integer'], got: 'string' },
    ],
    [
      { name: 'ada', tags: ['x'], extra: { a: 1 } },
      { kind: 'type', path: ['extra', 'a'], expected: ['boolean'], got: 'integer' },
    ],
  ])('finds what is wrong with %j', (value, fault) => {
    expect(checkShape(person, value, plain)).toEqual(fault);
  });

  test('names the branch in the path where the vendor does', () => {
    const value = { name: 'ada', tags: ['x'], home: { type: 'boat', rooms: 1 } };
    expect(checkShape(person, value, { namesCases: true })).toMatchObject({ path: ['home', 'boat', 'rooms'] });
  });

  test('never throws, whatever the value', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const fault = checkShape(person, value, plain);
        expect(fault === null || typeof fault.kind === 'string').toBe(true);
      }),
    );
  });

  test('is not fooled by members that every object inherits', () => {
    const value: unknown = JSON.parse('{"name":"ada","tags":["x"],"constructor":1}');
    expect(checkShape(person, value, plain)).toEqual({ kind: 'unknown', path: ['constructor'] });
  });
});
