import type { AnswerContent, Message, UserPart } from '../../../vocabulary/index.ts';
import { CallIds } from '../../codec/CallIds.ts';
import { isBlank } from '../../codec/isBlank.ts';
import type { PairedTurns, Turn } from '../../codec/pairedTurns.ts';
import type { WritingNotes } from '../../codec/WritingNotes.ts';
import type { JsonObject } from '../../json/JsonObject.ts';
import { callIdRule } from './callIdRule.ts';
import { encodeModelPart } from './encodeModelPart.ts';
import { encodePart } from './encodePart.ts';
import { encodeToolResult } from './encodeToolResult.ts';
import { generationOf } from './generationOf.ts';
import { noSignature } from './noSignature.ts';
import { isOwn } from './sealOf.ts';

/** All system messages in a row: this wire takes them above the contents only. */
export const encodeSystem = (
  messages: readonly Message[],
  instruction: string | null,
  notes: WritingNotes,
): JsonObject | null => {
  const first = messages.findIndex((message) => message.role !== 'system');
  const isMoved = first !== -1 && messages.slice(first).some((message) => message.role === 'system');
  if (isMoved) notes.drop('system_position');
  const texts = messages.flatMap((message) => (message.role === 'system' ? message.content : []));
  const parts = texts.filter((part) => !isBlank(part)).map((part) => encodePart(part, notes));
  const all = instruction === null ? parts : [...parts, { text: instruction }];
  return all.length === 0 ? null : { parts: all };
};

/** Writes the conversation. */
export const encodeContents = ({ turns, pairs }: PairedTurns, notes: WritingNotes): readonly JsonObject[] => {
  if (turns.at(-1)?.role === 'assistant' && !notes.takes('prefill')) {
    const message = 'This target cannot go on with an answer that was begun: the last message is the assistant’s';
    notes.refuse('messages', message, null);
  }
  const ids = new CallIds(pairs, callIdRule);
  const names = new Map(pairs.map(({ call, result }) => [result, call.name]));
  const running = runningFrom(turns);
  return turns.map(({ role, content }, index) =>
    role === 'user'
      ? { role: 'user', parts: encodeUser(content, ids, names, notes) }
      : { role: 'model', parts: encodeModel(content, index >= running, ids, notes) },
  );
};

/** Where the running turn begins: after the last thing that the user said, for results of calls only go on with it. */
const runningFrom = (turns: readonly Turn[]): number =>
  turns.findLastIndex(({ role, content }) => role === 'user' && content.some((part) => part.type !== 'tool-result'));

/** Results first: what was said beside them, and their own pictures, follow. */
const encodeUser = (
  content: readonly UserPart[],
  ids: CallIds,
  names: ReadonlyMap<UserPart, string>,
  notes: WritingNotes,
): readonly JsonObject[] => {
  const results = content.flatMap((part) =>
    part.type === 'tool-result' ? [encodeToolResult(part, ids.of(part), names.get(part) ?? '', notes)] : [],
  );
  return [
    ...results.map(({ part }) => part),
    ...results.flatMap(({ attachments }) => attachments),
    ...content.flatMap((part) => (part.type === 'tool-result' ? [] : [encodePart(part, notes)])),
  ];
};

/** Of calls beside one another only the first is signed. */
const encodeModel = (
  content: readonly AnswerContent[],
  isRunning: boolean,
  ids: CallIds,
  notes: WritingNotes,
): readonly JsonObject[] => {
  const needsSignature = isRunning && generationOf(notes.target.model) >= 3;
  const first = content.find((part) => part.type === 'tool-call');
  const isSigned = first?.seal !== undefined && isOwn(first.seal);
  return content.map((part) => {
    const written = encodeModelPart(part, ids, notes);
    return part === first && needsSignature && !isSigned ? { ...written, thoughtSignature: noSignature } : written;
  });
};
