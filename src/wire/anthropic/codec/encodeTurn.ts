import type { AnswerContent, ToolCallPart, UserPart } from '../../../vocabulary/index.ts';
import type { CallIds } from '../../codec/CallIds.ts';
import { checkToolName } from '../../codec/checkToolName.ts';
import { inputOfCall } from '../../codec/inputOfCall.ts';
import { resultsIn } from '../../codec/pairCalls.ts';
import type { WritingNotes } from '../../codec/WritingNotes.ts';
import type { JsonObject } from '../../json/JsonObject.ts';
import { withCacheMark } from './cacheMarkOf.ts';
import { encodePart, encodeText } from './encodePart.ts';
import { encodeToolResult } from './encodeToolResult.ts';
import { toolNameLengthMax } from './encodeTools.ts';
import { isOwn } from './sealOf.ts';

/** Writes what the user says. The results of calls come first: "tool_result blocks must come first in the content array". */
export const encodeUser = (content: readonly UserPart[], ids: CallIds, notes: WritingNotes): readonly JsonObject[] => {
  const results = resultsIn(content).map((part) => encodeToolResult(ids.of(part), part, notes));
  return [
    ...results.map(({ block }) => block),
    ...results.flatMap(({ attachments }) => attachments),
    ...content.flatMap((part) => (part.type === 'tool-result' ? [] : [encodePart(part, notes)])),
  ];
};

/** Writes an earlier answer, without the thinking that this wire did not seal: it would be refused. */
export const encodeAssistant = (
  content: readonly AnswerContent[],
  ids: CallIds,
  notes: WritingNotes,
): readonly JsonObject[] =>
  content.flatMap((part): readonly JsonObject[] => {
    switch (part.type) {
      case 'text':
        return [encodeText(part)];
      case 'refusal':
        return [{ type: 'text', text: part.text }];
      case 'thinking':
        return part.seal !== null && isOwn(part.seal)
          ? [{ type: 'thinking', thinking: part.text, signature: part.seal.value }]
          : [];
      case 'redacted-thinking':
        return isOwn(part.seal) ? [{ type: 'redacted_thinking', data: part.seal.value }] : [];
      case 'tool-call':
        return [encodeCall(part, ids, notes)];
    }
  });

const encodeCall = (call: ToolCallPart, ids: CallIds, notes: WritingNotes): JsonObject => {
  const input = inputOfCall(call, notes);
  checkToolName(call.name, toolNameLengthMax, 'messages', notes);
  return withCacheMark({ type: 'tool_use', id: ids.of(call), name: call.name, input }, call.cache);
};
