import type { Field, ObjectShape, Shape } from './checkShape.ts';

const any: Shape = { kind: 'any' };
const boolean: Shape = { kind: 'boolean' };
const string: Shape = { kind: 'string' };
const text = (pattern: RegExp): Shape => ({ kind: 'string', pattern });
const number = (min: number, max: number): Shape => ({ kind: 'number', min, max });
const integer = (min?: number, max?: number): Shape => ({
  kind: 'integer',
  ...(min === undefined ? {} : { min }),
  ...(max === undefined ? {} : { max }),
});
const choice = (...values: readonly string[]): Shape => ({ kind: 'choice', values });
const array = (of: Shape, lengthMin = 0, lengthMax = Number.MAX_SAFE_INTEGER): Shape => ({
  kind: 'array',
  of,
  lengthMin,
  lengthMax,
});
const map = (of: Shape): Shape => ({ kind: 'map', of });
const either = (...shapes: readonly Shape[]): Shape => ({ kind: 'either', shapes });
const nullable = (of: Shape): Shape => ({ kind: 'nullable', of });
const tagged = (by: string, cases: Readonly<Record<string, ObjectShape>>, fallback?: string): Shape => ({
  kind: 'tagged',
  by,
  cases,
  ...(fallback === undefined ? {} : { fallback }),
});

const field = (shape: Shape, required: boolean): Field => ({ shape, required });

/** An object: the members it must have, and those it may have. Any other is a fault. */
const object = (
  required: Readonly<Record<string, Shape>>,
  optional: Readonly<Record<string, Shape>> = {},
): ObjectShape => ({
  kind: 'object',
  fields: Object.fromEntries([
    ...Object.entries(required).map(([name, shape]): [string, Field] => [name, field(shape, true)]),
    ...Object.entries(optional).map(([name, shape]): [string, Field] => [name, field(shape, false)]),
  ]),
});

/** The words in which the vendors' schemas are written down. */
export const shapes = {
  any,
  boolean,
  string,
  text,
  number,
  integer,
  choice,
  array,
  map,
  either,
  nullable,
  tagged,
  object,
};
