import type { JsonMembers } from '../../vocabulary/index.ts';

/** Keywords by which a schema says elsewhere what its members are. */
const elsewhere = ['$ref', 'anyOf', 'oneOf', 'allOf'] as const;

/** The schema of a tool that takes nothing, with no properties: some vendors refuse one that lacks them ("object schema missing properties"). */
export const withProperties = (schema: JsonMembers): JsonMembers =>
  schema['properties'] !== undefined || elsewhere.some((keyword) => schema[keyword] !== undefined)
    ? schema
    : { ...schema, properties: {} };
