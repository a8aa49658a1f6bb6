import { isJsonObject, type JsonObject } from '../../json/JsonObject.ts';

/** Members whose values are the client's own, letter for letter: arguments, results, JSON Schemas, labels. */
const opaque: ReadonlySet<string> = new Set([
  'args',
  'response',
  'parametersJsonSchema',
  'responseJsonSchema',
  'labels',
  'default',
  'example',
]);

/** Members that hold schemas under names of the client's own. */
const named: ReadonlySet<string> = new Set(['properties', 'defs', '$defs']);

/** Members that hold a list, for which the vendor takes one entry as well: `"parts": {"text": "hi"}`. */
const lists: ReadonlySet<string> = new Set(['contents', 'parts', 'tools', 'functionDeclarations']);

/**
 * A request in the spelling of the vendor's own clients: members come as `generationConfig` and as `generation_config`. Names inside what is the client's
 * own stay, and so do those of the properties and definitions of a schema. What is spelt so already is given back as it is.
 */
export const camelCased = (object: JsonObject): JsonObject => {
  const members = Object.entries(object);
  const renamed = members.map(([name, value]): [string, unknown] => {
    const written = camel(name);
    return [written, valueOf(written, value)];
  });
  const isSame = members.every(([name, value], at) => renamed[at]?.[0] === name && renamed[at][1] === value);
  return isSame ? object : Object.fromEntries(renamed);
};

const camel = (name: string): string =>
  name.includes('_') ? name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase()) : name;

const valueOf = (name: string, value: unknown): unknown => {
  if (opaque.has(name)) return value;
  if (named.has(name) && isJsonObject(value)) {
    return Object.fromEntries(Object.entries(value).map(([property, schema]) => [property, valueOf('', schema)]));
  }
  if (isJsonObject(value)) return lists.has(name) ? [camelCased(value)] : camelCased(value);
  return Array.isArray(value) ? entriesOf(value) : value;
};

const entriesOf = (list: readonly unknown[]): readonly unknown[] => {
  const entries = list.map((entry) => valueOf('', entry));
  return entries.some((entry, at) => entry !== list[at]) ? entries : list;
};
