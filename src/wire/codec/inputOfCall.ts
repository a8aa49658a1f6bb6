import type { ToolCallPart } from '../../vocabulary/index.ts';
import { isJsonObject, parseJson, type JsonObject } from '../json/JsonObject.ts';
import { shown } from './checkToolName.ts';
import type { WritingNotes } from './WritingNotes.ts';

/** Arguments of a call for vendors who take them as an object. */
export const inputOfCall = (call: ToolCallPart, notes: WritingNotes): JsonObject => {
  const input = parseJson(call.arguments.trim() === '' ? '{}' : call.arguments);
  if (isJsonObject(input)) return input;
  const message = `The arguments of the call ${shown(call.id)} must be the JSON text of an object`;
  return notes.reject('messages', message, {});
};
