import type { OutputFormat } from '../../../vocabulary/index.ts';
import type { ObjectReader } from '../../codec/ObjectReader.ts';
import { decodeSchema } from './decodeSchema.ts';

/** The form of the answer: a media type, and a schema in one of two forms. This wire holds every answer to its schema. */
export const decodeFormat = (config: ObjectReader): OutputFormat => {
  const mediaType = config.text('responseMimeType') ?? 'text/plain';
  if (mediaType === 'text/plain' || mediaType === '') return { type: 'text' };
  if (mediaType !== 'application/json') {
    config.notes.native(`generationConfig.responseMimeType.${mediaType}`);
    return { type: 'text' };
  }
  const schema = config.nested('responseJsonSchema') ?? config.nested('responseSchema');
  if (schema === null) return { type: 'json-object' };
  const isJsonSchema = config.has('responseJsonSchema');
  return {
    type: 'json-schema',
    name: null,
    description: null,
    schema: isJsonSchema ? schema.object : decodeSchema(schema.object),
    strict: true,
  };
};
