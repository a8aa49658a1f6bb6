import { isJsonObject, listIn, type JsonObject } from '../../json/JsonObject.ts';

/** Limits that the vendor's clients write as texts, since they are 64-bit integers. */
const counts: ReadonlySet<string> = new Set([
  'minItems',
  'maxItems',
  'minLength',
  'maxLength',
  'minProperties',
  'maxProperties',
]);

/** Keywords that no JSON Schema has: in what order properties are written, and that the values of an `enum` are all. */
const isLeftOut = (name: string, value: unknown): boolean =>
  name === 'propertyOrdering' || (name === 'format' && value === 'enum');

/**
 * A schema of this wire (a subset of OpenAPI 3.0) as a JSON Schema: types in small letters, null as a type of its own. Keywords that it shares with JSON
 * Schema stay. Source: @google/genai 3.3.0, `Schema`.
 */
export const decodeSchema = (schema: JsonObject): JsonObject => {
  const members = Object.entries(schema).flatMap(([name, value]): [string, unknown][] => {
    if (name === 'type' || name === 'nullable' || value === null || isLeftOut(name, value)) return [];
    const written = nameOf(name);
    return [name === 'example' ? ['examples', [value]] : [written, memberOf(written, value)]];
  });
  const decoded = Object.fromEntries(members);
  const type = typeOf(schema);
  const isNullable = schema['nullable'] === true;
  if (!isNullable) return type === null ? decoded : { type, ...decoded };
  const values = listIn(decoded, 'enum');
  return {
    ...(type === null ? {} : { type: [type, 'null'] }),
    ...decoded,
    ...(values.length === 0 ? {} : { enum: [...values, null] }),
  };
};

/** Definitions and references to them have a name of JSON Schema or, in some of the vendor's APIs, one without its sign. */
const nameOf = (name: string): string => (name === 'defs' || name === 'ref' ? `$${name}` : name);

const typeOf = ({ type }: JsonObject): unknown => {
  if (typeof type !== 'string') return type ?? null;
  const word = type.toLowerCase();
  return word === 'type_unspecified' || word === '' ? null : word;
};

const memberOf = (name: string, value: unknown): unknown => {
  if (counts.has(name)) return typeof value === 'string' && /^\d{1,15}$/.test(value) ? Number(value) : value;
  if (name === 'items' || name === 'additionalProperties') return schemaOf(value);
  if (name === 'anyOf' && Array.isArray(value)) return value.map(schemaOf);
  // Where a reference leads is known by where the definitions stand.
  if (name === '$ref' && typeof value === 'string') return value.replace(/^#\/defs\//, '#/$defs/');
  if ((name === 'properties' || name === '$defs') && isJsonObject(value)) {
    return Object.fromEntries(Object.entries(value).map(([property, one]) => [property, schemaOf(one)]));
  }
  return value;
};

const schemaOf = (value: unknown): unknown => (isJsonObject(value) ? decodeSchema(value) : value);
