import { isJsonObject, listIn, objectIn, type JsonObject } from '../../json/JsonObject.ts';

/** Keywords of JSON Schema that OpenAI's strict mode knows (platform.openai.com/docs/guides/structured-outputs, "Supported schemas"). */
const keywords: ReadonlySet<string> = new Set([
  '$schema',
  '$ref',
  '$defs',
  'definitions',
  'type',
  'title',
  'description',
  'properties',
  'required',
  'additionalProperties',
  'items',
  'anyOf',
  'enum',
  'const',
  'pattern',
  'format',
  'multipleOf',
  'maximum',
  'exclusiveMaximum',
  'minimum',
  'exclusiveMinimum',
  'minItems',
  'maxItems',
]);

/** Deepest nesting that strict mode takes. */
const depthMax = 10;

/**
 * Whether a schema may be sent with `strict: true`: only known keywords, and each object closed with all of its properties required. The root
 * must be an object. A schema that does not fit is refused with 400 by OpenAI, so it is sent without.
 */
export const fitsStrictMode = (schema: JsonObject): boolean =>
  schema['type'] === 'object' && schema['anyOf'] === undefined && fits(schema, 0);

const fits = (schema: unknown, depth: number): boolean => {
  if (!isJsonObject(schema) || depth > depthMax) return false;
  if (!Object.keys(schema).every((keyword) => keywords.has(keyword))) return false;
  return (
    (isObjectSchema(schema) ? isClosed(schema) : true) && subschemasOf(schema).every((one) => fits(one, depth + 1))
  );
};

const isObjectSchema = ({ type, properties }: JsonObject): boolean =>
  type === 'object' || (Array.isArray(type) && type.includes('object')) || properties !== undefined;

const isClosed = ({ properties = {}, required = [], additionalProperties }: JsonObject): boolean =>
  additionalProperties === false &&
  isJsonObject(properties) &&
  Array.isArray(required) &&
  Object.keys(properties).every((name) => required.includes(name));

const subschemasOf = (schema: JsonObject): readonly unknown[] => [
  ...['properties', '$defs', 'definitions'].flatMap((name) => Object.values(objectIn(schema, name) ?? {})),
  ...(schema['items'] === undefined ? [] : [schema['items']]),
  ...listIn(schema, 'anyOf'),
];
