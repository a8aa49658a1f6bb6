import type { Draw } from '../Draw.ts';
import { isJsonObject, listOf, numberOf, objectOf, stringOf } from '../json.ts';
import type { JsonObject } from '../json.ts';
import { sandboxLimits } from '../limits.ts';
import { textMatching } from './textMatching.ts';

/** Words for free strings. Harmless wherever a client may put them: as a path, a query, a shell word. */
const words = ['harbour', 'lantern', 'meadow', 'compass', 'granite', 'orchard', 'ferry', 'beacon'] as const;

/** What the generator writes into strings besides invented words. */
export interface ValueHints {
  /** A proper noun of the prompt, letters only, so that "the weather in Paris" asks for Paris; null where there is none. */
  readonly subject: string | null;
}

interface Maker {
  readonly root: JsonObject;
  readonly draw: Draw;
  readonly hints: ValueHints;
}

/**
 * Makes a JSON value that follows a JSON Schema: objects with their required members (all of them where the schema is
 * closed), arrays, strings with formats, lengths and simple patterns, numbers with bounds, enum, const, anyOf, oneOf, allOf and local references.
 */
export const conformingValue = (schema: unknown, draw: Draw, hints: ValueHints): unknown =>
  make(objectOf(schema), '', { root: objectOf(schema), draw, hints }, 0);

const make = (written: JsonObject, name: string, maker: Maker, depth: number): unknown => {
  const schema = resolve(written, maker.root);
  if ('const' in schema) return schema['const'];
  const options = listOf(schema['enum']);
  if (options.length > 0) return options[maker.draw.below(options.length)];
  if (depth > sandboxLimits.schemaDepth) return null;
  const branches = [...listOf(schema['anyOf']), ...listOf(schema['oneOf'])].filter(isJsonObject);
  if (branches.length > 0) return make(join(schema, chooseBranch(branches, maker, depth)), name, maker, depth + 1);
  switch (kindOf(schema)) {
    case 'object':
      return makeObject(schema, maker, depth);
    case 'array':
      return makeArray(schema, name, maker, depth);
    case 'integer':
      return makeNumber(schema, maker.draw, 1);
    case 'number':
      return makeNumber(schema, maker.draw, 0.5);
    case 'boolean':
      return maker.draw.below(2) === 0;
    case 'null':
      return null;
    default:
      return makeString(schema, name, maker);
  }
};

/** Follows local references and folds `allOf` in, so that the rest sees one plain schema. */
const resolve = (schema: JsonObject, root: JsonObject): JsonObject => {
  let current = schema;
  for (let hop = 0; typeof current['$ref'] === 'string' && hop < sandboxLimits.schemaDepth; hop++) {
    const { $ref, ...beside } = current;
    current = join(beside, lookUp(stringOf($ref), root));
  }
  const { allOf, ...rest } = current;
  return listOf(allOf)
    .filter(isJsonObject)
    .reduce((sum, part) => join(sum, resolve(part, root)), rest);
};

const lookUp = (reference: string, root: JsonObject): JsonObject => {
  const steps = reference
    .replace(/^#\/?/, '')
    .split('/')
    .filter((step) => step !== '');
  return steps.reduce((at, step) => objectOf(at[step.replaceAll('~1', '/').replaceAll('~0', '~')]), root);
};

/** Both schemas at once: properties and required add up, everything else of the second wins. */
const join = (left: JsonObject, right: JsonObject): JsonObject => {
  const { anyOf: _anyOf, oneOf: _oneOf, ...base } = left;
  return {
    ...base,
    ...right,
    properties: { ...objectOf(left['properties']), ...objectOf(right['properties']) },
    required: [...new Set([...listOf(left['required']), ...listOf(right['required'])])],
  };
};

/** The first branch that is no null; deep inside a recursive schema the plainest one, so that it ends. */
const chooseBranch = (branches: readonly JsonObject[], { root }: Maker, depth: number): JsonObject => {
  const plain = branches.find((branch) => !['object', 'array'].includes(kindOf(resolve(branch, root))));
  const chosen = branches.find((branch) => kindOf(resolve(branch, root)) !== 'null');
  return (depth > 4 ? plain : chosen) ?? branches[0] ?? {};
};

const kindOf = (schema: JsonObject): string => {
  const type = schema['type'];
  if (typeof type === 'string') return type;
  const listed = listOf(type).find((kind) => kind !== 'null');
  if (typeof listed === 'string') return listed;
  if (Array.isArray(type)) return 'null';
  if (Object.keys(objectOf(schema['properties'])).length > 0) return 'object';
  if (schema['items'] !== undefined || schema['prefixItems'] !== undefined) return 'array';
  return 'string';
};

const makeObject = (schema: JsonObject, maker: Maker, depth: number): JsonObject => {
  const properties = objectOf(schema['properties']);
  const required = listOf(schema['required']).filter((name) => typeof name === 'string');
  return Object.fromEntries(required.map((name) => [name, make(objectOf(properties[name]), name, maker, depth + 1)]));
};

const makeArray = (schema: JsonObject, name: string, maker: Maker, depth: number): readonly unknown[] => {
  const prefix = listOf(schema['prefixItems']).map((item) => make(objectOf(item), name, maker, depth + 1));
  const least = numberOf(schema['minItems']) ?? 0;
  const most = numberOf(schema['maxItems']) ?? Number.MAX_SAFE_INTEGER;
  // A list inside a deep structure is left as short as it may be: recursive schemas must end.
  const wanted = Math.min(most, Math.max(least, depth > 4 || schema['items'] === false ? 0 : 1));
  const items = objectOf(schema['items']);
  const made = [...prefix];
  for (let tries = 0; made.length < wanted && tries < 4 * wanted; tries++) {
    const item = make(items, name, maker, depth + 1);
    const known = made.some((other) => JSON.stringify(other) === JSON.stringify(item));
    if (!known || schema['uniqueItems'] !== true) made.push(item);
  }
  return made.slice(0, most);
};

/** A number inside the bounds, on the step. */
const makeNumber = (schema: JsonObject, draw: Draw, ownStep: number): number => {
  const step = numberOf(schema['multipleOf']) ?? ownStep;
  const above = numberOf(schema['exclusiveMinimum']);
  const below = numberOf(schema['exclusiveMaximum']);
  const least = numberOf(schema['minimum']) ?? (above === null ? null : above + Number.EPSILON * Math.abs(above));
  const most = numberOf(schema['maximum']) ?? below;
  const low = Math.ceil((least ?? (most === null ? 1 : most - 8 * step)) / step);
  const first = above !== null && low * step <= above ? low + 1 : low;
  const high = most === null ? first + 8 : Math.floor(most / step);
  const last = below !== null && high * step >= below ? high - 1 : high;
  if (last < first) return betweenSteps(least, most, above, below);
  return (first + draw.below(Math.min(9, last - first + 1))) * step;
};

/** Bounds closer than the step: the middle, or the bound that is allowed. */
const betweenSteps = (least: number | null, most: number | null, above: number | null, below: number | null): number =>
  above !== null || below !== null ? ((least ?? 0) + (most ?? 0)) / 2 : (least ?? most ?? 0);

const formats: Readonly<Record<string, string>> = {
  'date-time': '2026-11-03T09:30:00Z',
  date: '2026-11-03',
  time: '09:30:00Z',
  duration: 'PT15M',
  email: 'keeper@lighthouse.example',
  hostname: 'lighthouse.example',
  ipv4: '192.0.2.7',
  ipv6: '2001:db8::7',
  uri: 'https://lighthouse.example/log',
  url: 'https://lighthouse.example/log',
  'uri-reference': '/log',
  uuid: '5f0c9c1e-7d0b-4a5e-9b7f-2f6f6a3c1d10',
};

const makeString = (schema: JsonObject, name: string, { draw, hints }: Maker): string => {
  const format = formats[stringOf(schema['format'])];
  if (format !== undefined) return format;
  if (typeof schema['pattern'] === 'string') return textMatching(schema['pattern'], draw);
  const word = hints.subject ?? draw.pick(words);
  const least = numberOf(schema['minLength']) ?? 0;
  const most = numberOf(schema['maxLength']) ?? Number.MAX_SAFE_INTEGER;
  // A client that runs what it is told must be told something that harms nothing.
  const plain = /^(command|cmd|script)$/i.test(name) ? `echo ${word}` : word;
  return plain.padEnd(least, ` ${draw.pick(words)}`).slice(0, most);
};
