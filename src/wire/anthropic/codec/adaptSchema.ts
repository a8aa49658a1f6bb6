import { isJsonObject, type JsonObject } from '../../json/JsonObject.ts';

/** A schema as the vendor holds answers to it. */
export interface AdaptedSchema {
  readonly schema: JsonObject;
  /** Limits that now stand in descriptions only: "minimum". */
  readonly moved: readonly string[];
  /** Somewhere an object may have members of any name. The vendor takes closed objects only, so such a schema cannot be enforced there. */
  readonly isOpen: boolean;
}

/** Formats of strings that are enforced. */
const stringFormats = new Set('date-time time date duration email hostname uri ipv4 ipv6 uuid'.split(' '));

/** Keywords that limit nothing: they go without a word, or with the description. */
const annotations = new Set([
  'default',
  'examples',
  'example',
  'deprecated',
  'readOnly',
  'writeOnly',
  '$comment',
  '$id',
]);

/**
 * Rewrites a JSON Schema with the keywords that the vendor enforces, as its SDK does (@anthropic-ai/sdk 1.14.0, `transformJSONSchema`): objects are
 * closed, `oneOf` becomes `anyOf`, and every other keyword moves into the description, where the model reads it.
 * Source: docs.claude.com/en/docs/build-with-claude/structured-outputs, "JSON Schema limitations".
 */
export const adaptSchema = (schema: JsonObject): AdaptedSchema => {
  const adapter = new SchemaAdapter();
  const adapted = adapter.adapt(schema);
  return { schema: adapted, moved: [...adapter.moved].toSorted(), isOpen: adapter.isOpen };
};

class SchemaAdapter {
  readonly moved = new Set<string>();
  isOpen = false;

  adapt(schema: unknown): JsonObject {
    // `true` allows everything, and so does an empty schema.
    if (!isJsonObject(schema)) return {};
    const rest: Record<string, unknown> = { ...schema };
    delete rest['$schema'];
    const definitions = this.#definitions(rest);
    if (typeof rest['$ref'] === 'string') return { ...definitions, $ref: rest['$ref'] };
    const adapted = {
      ...definitions,
      ...this.#choices(rest),
      ...take(rest, 'description', 'title'),
      ...this.#members(rest, typesOf(schema)),
    };
    return this.#withRest(adapted, rest);
  }

  #definitions(rest: Record<string, unknown>): JsonObject {
    const taken = take(rest, '$defs', 'definitions');
    return Object.fromEntries(Object.entries(taken).map(([name, value]) => [name, this.#each(value)]));
  }

  #each(value: unknown): JsonObject {
    return isJsonObject(value)
      ? Object.fromEntries(Object.entries(value).map(([name, schema]) => [name, this.adapt(schema)]))
      : {};
  }

  /** What the value is: literals, one of several schemas, or a type. */
  #choices(rest: Record<string, unknown>): JsonObject {
    const literals = take(rest, ...['enum', 'const'].filter((name) => isLiteral(rest[name])));
    const type = take(rest, 'type');
    if (Object.keys(literals).length > 0) return literals;
    for (const [name, written] of [
      ['anyOf', 'anyOf'],
      ['oneOf', 'anyOf'],
      ['allOf', 'allOf'],
    ] as const) {
      const variants = rest[name];
      if (!Array.isArray(variants)) continue;
      delete rest[name];
      return { [written]: variants.map((variant) => this.adapt(variant)) };
    }
    return type;
  }

  #members(rest: Record<string, unknown>, types: readonly unknown[]): JsonObject {
    const isObject = types.includes('object');
    const isOneItem = rest['minItems'] === 0 || rest['minItems'] === 1;
    const isKnownFormat = typeof rest['format'] === 'string' && stringFormats.has(rest['format']);
    return {
      ...(isObject ? this.#closed(rest) : {}),
      ...(types.includes('array') && rest['items'] !== undefined
        ? { items: this.adapt(take(rest, 'items')['items']) }
        : {}),
      ...(types.includes('array') && isOneItem ? take(rest, 'minItems') : {}),
      ...(types.includes('string') && isKnownFormat ? take(rest, 'format') : {}),
    };
  }

  #closed(rest: Record<string, unknown>): JsonObject {
    const { properties, additionalProperties } = take(rest, 'properties', 'additionalProperties');
    const isOpen =
      additionalProperties === true || isJsonObject(additionalProperties) || isJsonObject(rest['patternProperties']);
    this.isOpen ||= isOpen;
    return { properties: this.#each(properties), additionalProperties: false, ...take(rest, 'required') };
  }

  #withRest(adapted: JsonObject, rest: JsonObject): JsonObject {
    const names = Object.keys(rest);
    if (names.length === 0) return adapted;
    for (const name of names) if (!annotations.has(name)) this.moved.add(name);
    const words = names.map((name) => `${name}: ${JSON.stringify(rest[name])}`).join(', ');
    const own = typeof adapted['description'] === 'string' ? adapted['description'] : '';
    return { ...adapted, description: `${own === '' ? '' : `${own}\n\n`}{${words}}` };
  }
}

/** Takes members out of a schema, those that are there. */
const take = (rest: Record<string, unknown>, ...names: readonly string[]): Record<string, unknown> => {
  const taken: Record<string, unknown> = {};
  for (const name of names) {
    if (rest[name] === undefined) continue;
    taken[name] = rest[name];
    delete rest[name];
  }
  return taken;
};

const isLiteral = (value: unknown): boolean =>
  Array.isArray(value)
    ? value.length > 0 && value.every((item) => typeof item !== 'object' || item === null)
    : value !== undefined && (typeof value !== 'object' || value === null);

/** The types of a schema; one with properties or items and no type has the type that they speak of. */
const typesOf = (schema: JsonObject): readonly unknown[] => {
  const { type } = schema;
  if (Array.isArray(type)) return type;
  if (type !== undefined) return [type];
  return [
    ...(isJsonObject(schema['properties']) ? ['object'] : []),
    ...(schema['items'] === undefined ? [] : ['array']),
  ];
};
