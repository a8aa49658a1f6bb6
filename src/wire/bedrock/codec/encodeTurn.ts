import type { AnswerContent, ToolCallPart, UserPart } from '../../../vocabulary/index.ts';
import type { CallIds } from '../../codec/CallIds.ts';
import { checkToolName } from '../../codec/checkToolName.ts';
import { inputOfCall } from '../../codec/inputOfCall.ts';
import { resultsIn } from '../../codec/pairCalls.ts';
import type { WritingNotes } from '../../codec/WritingNotes.ts';
import { objectIn, textIn, type JsonObject } from '../../json/JsonObject.ts';
import { cachePoint } from './cachePoint.ts';
import type { DocumentNames } from './DocumentNames.ts';
import { encodePart, encodeText } from './encodePart.ts';
import { encodeToolResult } from './encodeToolResult.ts';
import { toolNameLengthMax } from './encodeTools.ts';
import { sealedBytes } from './sealOf.ts';

/** Writes what the user says. The results of calls come first, as the models behind this API want them. */
export const encodeUser = (
  content: readonly UserPart[],
  ids: CallIds,
  names: DocumentNames,
  notes: WritingNotes,
): readonly JsonObject[] => [
  ...resultsIn(content).flatMap((part) => encodeToolResult(ids.of(part), part, names, notes)),
  ...withText(content.flatMap((part) => (part.type === 'tool-result' ? [] : encodePart(part, names, notes)))),
];

/** "If you include a ContentBlock with a document field in the array, you must also include a ContentBlock with a text field." */
const withText = (blocks: readonly JsonObject[]): readonly JsonObject[] => {
  const document = blocks.map((block) => objectIn(block, 'document')).find((one) => one !== null);
  if (document === undefined || blocks.some((block) => 'text' in block)) return blocks;
  return [{ text: textIn(document, 'name') }, ...blocks];
};

/** Writes an earlier answer. Thinking is left that this model sealed itself. */
export const encodeAssistant = (
  content: readonly AnswerContent[],
  ids: CallIds,
  notes: WritingNotes,
): readonly JsonObject[] =>
  content.flatMap((part): readonly JsonObject[] => {
    switch (part.type) {
      case 'text':
        return encodeText(part, notes);
      case 'refusal':
        return [{ text: part.text }];
      case 'thinking':
        return [{ reasoningContent: { reasoningText: { text: part.text, signature: part.seal?.value } } }];
      case 'redacted-thinking':
        return [{ reasoningContent: { redactedContent: sealedBytes(part.seal.value, notes.target.model) } }];
      case 'tool-call':
        return [encodeCall(part, ids, notes), ...cachePoint(part.cache, 'prompt', notes)];
    }
  });

const encodeCall = (call: ToolCallPart, ids: CallIds, notes: WritingNotes): JsonObject => {
  const input = inputOfCall(call, notes);
  checkToolName(call.name, toolNameLengthMax, 'messages', notes);
  return { toolUse: { toolUseId: ids.of(call), name: call.name, input } };
};
