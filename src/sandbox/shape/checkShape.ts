// Reads requests by a vendor's published schema: a description of shapes, and the first place where a value departs from it.
import { isJsonObject } from '../json.ts';

export type JsonKind = 'null' | 'boolean' | 'integer' | 'number' | 'string' | 'array' | 'object';

export interface ObjectShape {
  readonly kind: 'object';
  readonly fields: Readonly<Record<string, Field>>;
}

export interface Field {
  readonly shape: Shape;
  readonly required: boolean;
}

export type Shape =
  | { readonly kind: 'any' }
  | { readonly kind: 'string'; readonly pattern?: RegExp; readonly lengthMin?: number }
  | { readonly kind: 'number' | 'integer'; readonly min?: number; readonly max?: number }
  | { readonly kind: 'boolean' }
  | { readonly kind: 'choice'; readonly values: readonly string[] }
  | { readonly kind: 'array'; readonly of: Shape; readonly lengthMin?: number; readonly lengthMax?: number }
  | { readonly kind: 'map'; readonly of: Shape }
  | ObjectShape
  /** Objects told apart by one of their members, which is `type` when an absent one has a fallback. */
  | {
      readonly kind: 'tagged';
      readonly by: string;
      readonly cases: Readonly<Record<string, ObjectShape>>;
      readonly fallback?: string;
    }
  /** Alternatives of different JSON kinds. */
  | { readonly kind: 'either'; readonly shapes: readonly Shape[] }
  | { readonly kind: 'nullable'; readonly of: Shape };

export type Path = readonly (string | number)[];

/** The first thing wrong with a value. */
export type ShapeFault =
  | { readonly kind: 'missing'; readonly path: Path }
  | { readonly kind: 'unknown'; readonly path: Path }
  | { readonly kind: 'type'; readonly path: Path; readonly expected: readonly JsonKind[]; readonly got: JsonKind }
  | { readonly kind: 'value'; readonly path: Path; readonly allowed: readonly string[]; readonly got: string }
  | { readonly kind: 'pattern'; readonly path: Path; readonly pattern: string }
  | {
      readonly kind: 'below' | 'above';
      readonly path: Path;
      readonly bound: number;
      readonly got: number;
      readonly integer: boolean;
    }
  | {
      readonly kind: 'short' | 'long';
      readonly path: Path;
      readonly bound: number;
      readonly got: number;
      readonly of: 'array' | 'string';
    };

/** How a schema names the branch of a union in the paths of its faults; some vendors put it in, some do not. */
export interface PathStyle {
  readonly namesCases: boolean;
}

const kindOf = (value: unknown): JsonKind => {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'number';
  if (typeof value === 'string') return 'string';
  return typeof value === 'boolean' ? 'boolean' : 'object';
};

const kindsOf = (shape: Shape): readonly JsonKind[] => {
  switch (shape.kind) {
    case 'any':
      return ['null', 'boolean', 'number', 'string', 'array', 'object'];
    case 'choice':
      return ['string'];
    case 'map':
    case 'tagged':
      return ['object'];
    case 'either':
      return shape.shapes.flatMap(kindsOf);
    case 'nullable':
      return [...kindsOf(shape.of), 'null'];
    case 'string':
    case 'number':
    case 'integer':
    case 'boolean':
    case 'array':
    case 'object':
      return [shape.kind];
  }
};

const accepts = (shape: Shape, got: JsonKind): boolean => {
  const kinds = kindsOf(shape);
  return kinds.includes(got) || (got === 'integer' && kinds.includes('number'));
};

/** Finds the first fault of a value, depth first in the schema's order, or null. */
export const checkShape = (shape: Shape, value: unknown, style: PathStyle, path: Path = []): ShapeFault | null => {
  const got = kindOf(value);
  if (!accepts(shape, got)) return { kind: 'type', path, expected: kindsOf(shape), got };
  switch (shape.kind) {
    case 'any':
    case 'boolean':
      return null;
    case 'nullable':
      return value === null ? null : checkShape(shape.of, value, style, path);
    case 'either': {
      const fitting = shape.shapes.find((alternative) => accepts(alternative, got));
      return fitting === undefined ? null : checkShape(fitting, value, style, path);
    }
    case 'string':
      return typeof value === 'string' ? checkString(shape, value, path) : null;
    case 'choice':
      return typeof value === 'string' && !shape.values.includes(value)
        ? { kind: 'value', path, allowed: shape.values, got: value }
        : null;
    case 'number':
    case 'integer':
      return typeof value === 'number' ? checkNumber(shape, value, path) : null;
    case 'array':
      return Array.isArray(value) ? checkArray(shape, value, style, path) : null;
    case 'map':
      return isJsonObject(value)
        ? firstFault(Object.keys(value), (name) => checkShape(shape.of, value[name], style, [...path, name]))
        : null;
    case 'object':
      return isJsonObject(value) ? checkObject(shape, value, style, path) : null;
    case 'tagged':
      return isJsonObject(value) ? checkTagged(shape, value, style, path) : null;
  }
};

const firstFault = <Thing>(things: Iterable<Thing>, check: (thing: Thing) => ShapeFault | null): ShapeFault | null => {
  for (const thing of things) {
    const fault = check(thing);
    if (fault !== null) return fault;
  }
  return null;
};

const checkString = (shape: Extract<Shape, { kind: 'string' }>, value: string, path: Path): ShapeFault | null => {
  if (shape.lengthMin !== undefined && value.length < shape.lengthMin) {
    return { kind: 'short', path, bound: shape.lengthMin, got: value.length, of: 'string' };
  }
  if (shape.pattern !== undefined && !shape.pattern.test(value)) {
    return { kind: 'pattern', path, pattern: shape.pattern.source };
  }
  return null;
};

const checkNumber = (
  shape: Extract<Shape, { kind: 'number' | 'integer' }>,
  got: number,
  path: Path,
): ShapeFault | null => {
  const integer = shape.kind === 'integer';
  if (shape.min !== undefined && got < shape.min) return { kind: 'below', path, bound: shape.min, got, integer };
  if (shape.max !== undefined && got > shape.max) return { kind: 'above', path, bound: shape.max, got, integer };
  return null;
};

const checkArray = (
  shape: Extract<Shape, { kind: 'array' }>,
  value: readonly unknown[],
  style: PathStyle,
  path: Path,
): ShapeFault | null => {
  if (shape.lengthMin !== undefined && value.length < shape.lengthMin) {
    return { kind: 'short', path, bound: shape.lengthMin, got: value.length, of: 'array' };
  }
  if (shape.lengthMax !== undefined && value.length > shape.lengthMax) {
    return { kind: 'long', path, bound: shape.lengthMax, got: value.length, of: 'array' };
  }
  return firstFault(value.entries(), ([index, item]) => checkShape(shape.of, item, style, [...path, index]));
};

const checkObject = (
  shape: ObjectShape,
  value: Readonly<Record<string, unknown>>,
  style: PathStyle,
  path: Path,
): ShapeFault | null =>
  firstFault(Object.keys(value), (name) =>
    Object.hasOwn(shape.fields, name) ? null : { kind: 'unknown', path: [...path, name] },
  ) ??
  firstFault(Object.entries(shape.fields), ([name, field]) => {
    if (value[name] !== undefined) return checkShape(field.shape, value[name], style, [...path, name]);
    return field.required ? { kind: 'missing', path: [...path, name] } : null;
  });

const checkTagged = (
  shape: Extract<Shape, { kind: 'tagged' }>,
  value: Readonly<Record<string, unknown>>,
  style: PathStyle,
  path: Path,
): ShapeFault | null => {
  const tag = value[shape.by] ?? shape.fallback;
  const tagPath = [...path, shape.by];
  if (tag === undefined) return { kind: 'missing', path: tagPath };
  if (typeof tag !== 'string') return { kind: 'type', path: tagPath, expected: ['string'], got: kindOf(tag) };
  const chosen = Object.hasOwn(shape.cases, tag) ? shape.cases[tag] : undefined;
  if (chosen === undefined) return { kind: 'value', path: tagPath, allowed: Object.keys(shape.cases), got: tag };
  return checkObject(chosen, value, style, style.namesCases ? [...path, tag] : path);
};
