import { isJsonObject, listIn, objectIn, type JsonObject } from '../../json/JsonObject.ts';
import { SchemaJoiner } from './SchemaJoiner.ts';

/** Keywords that this wire's schemas have (@google/genai 3.3.0, `Schema`), but for those with schemas in them. */
const kept: ReadonlySet<string> = new Set([
  'title',
  'description',
  'default',
  'required',
  'propertyOrdering',
  'minimum',
  'maximum',
  'minItems',
  'maxItems',
  'minLength',
  'maxLength',
  'minProperties',
  'maxProperties',
  'pattern',
]);

/** Formats that the API takes for a type; others are refused ("only 'enum' and 'date-time' are supported for STRING type"). */
const formats: ReadonlySet<unknown> = new Set(['date-time', 'int32', 'int64', 'float', 'double']);

/** References are put in place so deep; a schema that holds itself has no end, and an object of any kind stands for what lies below. */
const depthMax = 32;
/** Most schemas that one becomes: references that branch would grow without end. */
const schemasMax = 10_000;
/** Most letters that are looked at: what is referred to often is written each time, with all its texts. */
const lengthMax = 4_000_000;
/** JSON Schema has seven types. */
const typesMax = 8;
/** Most properties that are written anew in alternatives to say what stands beside these; where it would be more, what stands beside them must do. */
const repeatedMax = 1_000;

/**
 * A JSON Schema in the vendor's own subset, for targets that do not take it whole: null becomes a mark, references are put in place, alternatives become
 * `anyOf`, and keywords that the subset lacks go. What stands under `properties` are names, whatever they are.
 */
export const encodeSchema = (schema: JsonObject): JsonObject => new SchemaWriter(schema).write(schema, 0);

class SchemaWriter {
  readonly #root: JsonObject;
  readonly #joiner = new SchemaJoiner((reference) => this.#target(reference));
  readonly #targets = new Map<string, JsonObject>();
  readonly #lengths = new Map<JsonObject, number>();
  #written = 0;
  #length = 0;

  constructor(root: JsonObject) {
    this.#root = root;
  }

  write(schema: unknown, depth: number): JsonObject {
    if (!isJsonObject(schema)) return {};
    this.#written += 1;
    this.#length += this.#lengthOf(schema);
    if (depth > depthMax || this.#written > schemasMax || this.#length > lengthMax) return { type: 'OBJECT' };
    const { $ref: reference, ...beside } = schema;
    if (typeof reference === 'string') return this.#writeTarget(this.#target(reference), beside, depth);
    if (Array.isArray(schema['allOf'])) return this.write(this.#joiner.join([schema]), depth + 1);
    const { types, isNullable } = typesOf(schema);
    const variants = this.#variants(schema, types, depth);
    const type = types.length === 1 && variants.written.length === 0 ? types[0] : undefined;
    const nullable = isNullable || variants.isNullable;
    return {
      ...(type === undefined ? {} : { type: type.toUpperCase() }),
      ...(nullable ? { nullable } : {}),
      ...(variants.written.length === 0 ? {} : { anyOf: variants.written }),
      ...keptMembers(schema, type),
      ...this.#members(schema, type, depth),
    };
  }

  #writeTarget(target: JsonObject, beside: JsonObject, depth: number): JsonObject {
    // Before it is copied: whoever refers to it may do so very often.
    this.#length += this.#lengthOf(target);
    return this.#length > lengthMax ? { type: 'OBJECT' } : this.write({ ...target, ...beside }, depth + 1);
  }

  #lengthOf(schema: JsonObject): number {
    const length = this.#lengths.get(schema) ?? lengthOf(schema);
    this.#lengths.set(schema, length);
    return length;
  }

  #target(reference: string): JsonObject {
    const target = this.#targets.get(reference) ?? this.#find(reference);
    this.#targets.set(reference, target);
    return target;
  }

  /** A pointer into the same schema (`#/$defs/N`); another address leads nowhere that can be gone. */
  #find(reference: string): JsonObject {
    let value: unknown = this.#root;
    for (const step of reference
      .replace(/^#\/?/, '')
      .split('/')
      .filter((word) => word !== '')) {
      const name = step.replaceAll('~1', '/').replaceAll('~0', '~');
      value = isJsonObject(value) && Object.hasOwn(value, name) ? value[name] : undefined;
    }
    return isJsonObject(value) && reference.startsWith('#') ? value : { type: 'object' };
  }

  #variants(schema: JsonObject, types: readonly string[], depth: number): Variants {
    const all = [...listIn(schema, 'anyOf'), ...listIn(schema, 'oneOf')];
    const given = all.filter((variant) => !isNull(variant));
    const ofTypes = types.length > 1 ? types.map((type) => ({ ...schema, type })) : [];
    const whole = types.length === 0 ? given : this.#withBase(schema, given);
    const written = (whole.length > 0 ? whole : ofTypes).map((variant) => this.write(variant, depth + 1));
    return { written, isNullable: given.length < all.length };
  }

  /**
   * The subset takes no type beside alternatives, so each says what stands beside them too. Those that all say no more than which properties are required
   * are none that it could tell apart.
   */
  #withBase(schema: JsonObject, given: readonly unknown[]): readonly JsonObject[] {
    const {
      anyOf: _anyOf,
      oneOf: _oneOf,
      title: _title,
      description: _description,
      default: _default,
      ...base
    } = schema;
    const repeated = given.length * Object.keys(objectIn(base, 'properties') ?? {}).length;
    if (repeated > repeatedMax || !given.some((variant) => saysMoreThan(base, variant))) return [];
    return given.map((variant) => this.#joiner.join([variant, base]));
  }

  #members(schema: JsonObject, type: string | undefined, depth: number): JsonObject {
    const { properties, items } = schema;
    if (type === 'array') return { items: this.write(items ?? {}, depth + 1) };
    if (type !== 'object' || !isJsonObject(properties)) return {};
    const written = Object.entries(properties).map(([name, one]) => [name, this.write(one, depth + 1)]);
    return { properties: Object.fromEntries(written) };
  }
}

/** About how long a schema is without those in it, which are counted by themselves. */
const lengthOf = (schema: JsonObject): number =>
  Object.entries(schema).reduce((sum, [name, value]) => sum + name.length + lengthOfMember(name, value), 0);

const lengthOfMember = (name: string, value: unknown): number => {
  if (typeof value === 'string') return value.length;
  if (typeof value !== 'object' || value === null) return 1;
  return kept.has(name) || name === 'enum' ? JSON.stringify(value).length : Object.keys(value).length;
};

interface Variants {
  readonly written: readonly JsonObject[];
  readonly isNullable: boolean;
}

/** Keywords with which an alternative says what the subset can tell. Texts about it, and what is required, do not count. */
const telling: ReadonlySet<string> = new Set([
  '$ref',
  'allOf',
  'anyOf',
  'oneOf',
  'properties',
  'items',
  'enum',
  'const',
  'minimum',
  'maximum',
  'minItems',
  'maxItems',
  'minLength',
  'maxLength',
  'minProperties',
  'maxProperties',
  'pattern',
]);

const saysMoreThan = (base: JsonObject, variant: unknown): boolean => {
  if (!isJsonObject(variant)) return false;
  const { type, format } = variant;
  const isOtherType = type !== undefined && type !== base['type'];
  return isOtherType || formats.has(format) || Object.keys(variant).some((name) => telling.has(name));
};

const isNull = (schema: unknown): boolean => isJsonObject(schema) && schema['type'] === 'null';

/** The types of a schema but null; one with properties or items and no type has the type that they speak of. */
const typesOf = (schema: JsonObject): { readonly types: readonly string[]; readonly isNullable: boolean } => {
  const { type } = schema;
  const named = (Array.isArray(type) ? type.slice(0, typesMax) : [type]).filter((one) => typeof one === 'string');
  const types = named.filter((one) => one !== 'null');
  if (named.length > 0) return { types, isNullable: types.length < named.length };
  if (isJsonObject(schema['properties'])) return { types: ['object'], isNullable: false };
  if (schema['items'] !== undefined) return { types: ['array'], isNullable: false };
  return { types: literalTypes(schema), isNullable: false };
};

const literalTypes = (schema: JsonObject): readonly string[] => {
  const values = valuesOf(schema);
  return values.length > 0 && values.every((value) => typeof value === 'string') ? ['string'] : [];
};

const valuesOf = (schema: JsonObject): readonly unknown[] => {
  const { enum: values } = schema;
  if (Array.isArray(values)) return values;
  return schema['const'] === undefined ? [] : [schema['const']];
};

/** Keywords that speak of a type stand only beside it: "properties" on a text is refused. */
const wordsOfType: Readonly<Record<string, RegExp>> = {
  object: /^(required|propertyOrdering|(min|max)Properties)$/,
  array: /^(min|max)Items$/,
  string: /^((min|max)Length|pattern)$/,
};

const keptMembers = (schema: JsonObject, type: string | undefined): JsonObject => {
  const members = Object.entries(schema).filter(([name]) => kept.has(name) && speaksOf(name, type));
  const values = valuesOf(schema).filter((value) => typeof value === 'string');
  return {
    ...Object.fromEntries(members),
    ...(formats.has(schema['format']) ? { format: schema['format'] } : {}),
    // The subset's literals are texts.
    ...(type === 'string' && values.length > 0 ? { enum: values } : {}),
  };
};

const speaksOf = (name: string, type: string | undefined): boolean =>
  Object.entries(wordsOfType).every(([owner, words]) => owner === type || !words.test(name));
