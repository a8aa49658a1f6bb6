import type { OutputFormat } from '../../../vocabulary/index.ts';
import { decodeSchemaFormat } from '../../codec/decodeSchemaFormat.ts';
import type { ObjectReader } from '../../codec/ObjectReader.ts';

/** The form of the answer. */
export const decodeFormat = (request: ObjectReader): OutputFormat => {
  const format = request.nested('response_format');
  const type = format?.requiredText('type') ?? 'text';
  if (format === null || type === 'text' || type === '') return { type: 'text' };
  if (type === 'json_object') return { type: 'json-object' };
  if (type === 'json_schema') return decodeSchemaFormat(format.requiredNested('json_schema'));
  request.notes.native(`response_format.${type}`);
  return { type: 'text' };
};
