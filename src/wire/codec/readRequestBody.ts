import { failure, success, type Result } from '../../kernel/index.ts';
import type { GenerateRequest } from '../../vocabulary/index.ts';
import { isJsonObject, parseJson } from '../json/JsonObject.ts';
import { hasTooManyValues, valuesMax } from '../json/valuesMax.ts';
import { utf8Text } from '../utf8.ts';
import type { RequestFault } from '../wire.ts';
import { ObjectReader } from './ObjectReader.ts';
import { RequestNotes, type EntryPath } from './RequestNotes.ts';

type Noted = Pick<GenerateRequest, 'hints' | 'natives'>;

/** What a wire's reader says of a body; hints and natives are noted while it reads. */
export type ReadMembers = (request: ObjectReader) => Omit<GenerateRequest, keyof Noted>;

const notJson: RequestFault = { code: 'invalid_json', message: 'The body is not valid JSON.' };

const tooMany: RequestFault = {
  code: 'bad_request',
  message: `The body holds more than ${valuesMax} objects, arrays and texts, those in arguments of calls among them: too many to be said on another wire. Send fewer, or ask for a model with a target that speaks the wire of this path.`,
};

/** Reads a body with a wire's own reader, and gives what it found or the first thing that is wrong. */
export const readRequestBody = <Members extends object>(
  body: Uint8Array,
  entryPath: EntryPath,
  readMembers: (request: ObjectReader) => Members,
): Result<Members & Noted, RequestFault> => {
  const text = utf8Text(body);
  const parsed = parseJson(text);
  if (parsed === undefined) return failure(hasTooManyValues(text) ? tooMany : notJson);
  if (!isJsonObject(parsed)) return failure({ code: 'bad_request', message: 'The body must be a JSON object.' });
  const notes = new RequestNotes(entryPath);
  const request = readMembers(new ObjectReader(parsed, '', notes));
  if (notes.fault !== null) return failure(notes.fault);
  return success({ ...request, hints: notes.hints, natives: notes.natives });
};
