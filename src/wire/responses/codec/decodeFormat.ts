import type { OutputFormat } from '../../../vocabulary/index.ts';
import { decodeSchemaFormat } from '../../codec/decodeSchemaFormat.ts';
import type { ObjectReader } from '../../codec/ObjectReader.ts';

const membersOfText = new Set(['format', 'verbosity']);

/** The form of the answer; how wordy it should be only tunes. */
export const decodeFormat = (request: ObjectReader): OutputFormat => {
  const text = request.nested('text');
  if (text === null) return { type: 'text' };
  if (text.has('verbosity')) text.notes.hint('text.verbosity');
  text.nativeOthers(membersOfText, 'text');
  const format = text.nested('format');
  const type = format?.requiredText('type') ?? 'text';
  if (format === null || type === 'text' || type === '') return { type: 'text' };
  if (type === 'json_object') return { type: 'json-object' };
  if (type === 'json_schema') return decodeSchemaFormat(format);
  text.notes.native(`text.format.${type}`);
  return { type: 'text' };
};
