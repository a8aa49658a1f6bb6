import type { AnswerContent, Seal, ToolCallPart } from '../../../vocabulary/index.ts';
import type { CallIds } from '../../codec/CallIds.ts';
import { inputOfCall } from '../../codec/inputOfCall.ts';
import type { WritingNotes } from '../../codec/WritingNotes.ts';
import type { JsonObject } from '../../json/JsonObject.ts';
import { checkFunctionName } from './checkFunctionName.ts';
import { isOwn } from './sealOf.ts';

/** Writes a part of an earlier answer. Thinking that this wire did not seal is not among them. */
export const encodeModelPart = (part: AnswerContent, ids: CallIds, notes: WritingNotes): JsonObject => {
  if ('cache' in part && part.cache !== undefined) notes.drop('cache_control');
  switch (part.type) {
    case 'text':
      return { text: part.text, ...signatureOf(part.seal) };
    case 'refusal':
      return { text: part.text };
    case 'thinking':
      return { text: part.text, thought: true, ...signatureOf(part.seal) };
    case 'redacted-thinking':
      return { text: '', ...signatureOf(part.seal) };
    case 'tool-call':
      return { functionCall: encodeCall(part, ids, notes), ...signatureOf(part.seal) };
  }
};

/** A signature of another wire means nothing here. */
const signatureOf = (seal: Seal | null | undefined): JsonObject =>
  seal !== undefined && seal !== null && isOwn(seal) ? { thoughtSignature: seal.value } : {};

const encodeCall = (call: ToolCallPart, ids: CallIds, notes: WritingNotes): JsonObject => {
  checkFunctionName(call.name, 'messages', notes);
  return { id: ids.of(call), name: call.name, args: inputOfCall(call, notes) };
};
