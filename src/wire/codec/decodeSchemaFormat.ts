import type { OutputFormat } from '../../vocabulary/index.ts';
import { isJsonObject } from '../json/JsonObject.ts';
import type { ObjectReader } from './ObjectReader.ts';

/** A form of the answer by a schema, from the members that name it, wherever a wire puts them. */
export const decodeSchemaFormat = (format: ObjectReader): OutputFormat => {
  const schema = format.value('schema') ?? {};
  return {
    type: 'json-schema',
    name: format.text('name'),
    description: format.text('description'),
    schema: isJsonObject(schema) ? schema : format.refuse('schema', 'must be a JSON Schema', {}),
    strict: format.flag('strict'),
  };
};
