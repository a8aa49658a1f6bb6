import { isJsonObject, type JsonObject } from '../../json/JsonObject.ts';

/** Schemas that refer to others, and those to more, are followed so deep. */
const depthMax = 32;
/** Most members, properties and names that all joining of one schema looks at: a schema that is referred to often would be joined each time. */
const lookedAtMax = 100_000;

/** What was found of schemas so far. */
interface Found {
  readonly seen: Set<JsonObject>;
  readonly members: Map<string, unknown>;
  readonly properties: Map<string, Set<unknown>>;
  readonly required: Set<unknown>;
}

/** Joins schemas that all must hold into one, each looked at once, references and their own `allOf` in place. The first that has a keyword decides it. */
export class SchemaJoiner {
  readonly #target: (reference: string) => JsonObject;
  #lookedAt = 0;

  /** @param target What a reference leads to. */
  constructor(target: (reference: string) => JsonObject) {
    this.#target = target;
  }

  /** Once too much was looked at, an object of any kind stands for what is not. */
  join(schemas: readonly unknown[]): JsonObject {
    if (this.#lookedAt >= lookedAtMax) return { type: 'object' };
    const found: Found = { seen: new Set(), members: new Map(), properties: new Map(), required: new Set() };
    for (const schema of schemas) this.#read(schema, found, 0);
    return schemaOf(found);
  }

  #read(schema: unknown, found: Found, depth: number): void {
    if (!isJsonObject(schema) || found.seen.has(schema) || depth > depthMax || !this.#mayLook()) return;
    found.seen.add(schema);
    const { $ref: reference, allOf: parts, properties, required, ...others } = schema;
    for (const [name, value] of this.#bounded(Object.entries(others))) {
      if (!found.members.has(name)) found.members.set(name, value);
    }
    if (isJsonObject(properties)) this.#readProperties(properties, found);
    if (Array.isArray(required)) for (const name of this.#bounded(required)) found.required.add(name);
    if (typeof reference === 'string') this.#read(this.#target(reference), found, depth + 1);
    if (Array.isArray(parts)) for (const part of this.#bounded(parts)) this.#read(part, found, depth + 1);
  }

  #readProperties(properties: JsonObject, found: Found): void {
    for (const [name, value] of this.#bounded(Object.entries(properties))) {
      const values = found.properties.get(name);
      if (values === undefined) found.properties.set(name, new Set([value]));
      else values.add(value);
    }
  }

  #mayLook(): boolean {
    this.#lookedAt += 1;
    return this.#lookedAt <= lookedAtMax;
  }

  #bounded<Entry>(entries: readonly Entry[]): readonly Entry[] {
    const left = Math.max(0, lookedAtMax - this.#lookedAt);
    this.#lookedAt += entries.length;
    return entries.length > left ? entries.slice(0, left) : entries;
  }
}

const schemaOf = ({ members, properties, required }: Found): JsonObject => ({
  ...Object.fromEntries(members),
  ...(properties.size === 0 ? {} : { properties: Object.fromEntries([...properties].map(propertyOf)) }),
  ...(required.size === 0 ? {} : { required: [...required] }),
});

/** A property of which several schemas speak is what all of them say. */
const propertyOf = ([name, values]: readonly [string, ReadonlySet<unknown>]): readonly [string, unknown] => {
  const [first, ...more] = values;
  return [name, more.length === 0 ? first : { allOf: [first, ...more] }];
};
