import { failure, success, type Result } from '../../kernel/index.ts';
import type { GenerateRequest } from '../../vocabulary/index.ts';
import { isJsonObject, parseJson } from '../json/JsonObject.ts';
import { utf8Text } from '../utf8.ts';
import type { RequestFault } from '../wire.ts';
import { ObjectReader } from './ObjectReader.ts';
import { RequestNotes, type EntryPath } from './RequestNotes.ts';

type Noted = Pick<GenerateRequest, 'hints' | 'natives'>;

/** What a wire's reader says of a body; hints and natives are noted while it reads. */
export type ReadMembers = (request: ObjectReader) => Omit<GenerateRequest, keyof Noted>;

/** Reads a body with a wire's own reader, and gives what it found or the first thing that is wrong. */
export const readRequestBody = <Members extends object>(
  body: Uint8Array,
  entryPath: EntryPath,
  readMembers: (request: ObjectReader) => Members,
): Result<Members & Noted, RequestFault> => {
  const parsed = parseJson(utf8Text(body));
  if (parsed === undefined) return failure({ code: 'invalid_json', message: 'The body is not valid JSON.' });
  if (!isJsonObject(parsed)) return failure({ code: 'bad_request', message: 'The body must be a JSON object.' });
  const notes = new RequestNotes(entryPath);
  const request = readMembers(new ObjectReader(parsed, '', notes));
  if (notes.fault !== null) return failure(notes.fault);
  return success({ ...request, hints: notes.hints, natives: notes.natives });
};
