import { failure, success, type Result } from '../../kernel/index.ts';
import type { JsonObject } from '../json/JsonObject.ts';
import { utf8Bytes } from '../utf8.ts';
import type { CodecTarget, Untranslatable, WrittenRequest } from './Codec.ts';
import { WritingNotes } from './WritingNotes.ts';

/** Writes a body with a wire's own writer, and gives it or the first thing that cannot be said. */
export const writeRequestBody = <Request extends { readonly hints: readonly string[] }>(
  request: Request,
  target: CodecTarget,
  writeMembers: (request: Request, notes: WritingNotes) => JsonObject,
): Result<WrittenRequest, Untranslatable> => {
  const notes = new WritingNotes(target, request.hints);
  const body = writeMembers(request, notes);
  if (notes.fault !== null) return failure(notes.fault);
  const { dropped, echoed } = notes;
  return success({ body: utf8Bytes(JSON.stringify(body)), dropped, ...(echoed === null ? {} : { echoed }) });
};
