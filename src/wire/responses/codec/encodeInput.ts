import type { Message, TextPart, ToolResultPart, UserPart } from '../../../vocabulary/index.ts';
import { answeredTurns, type AnsweredTurn } from '../../codec/answeredTurns.ts';
import { CallIds } from '../../codec/CallIds.ts';
import type { WritingNotes } from '../../codec/WritingNotes.ts';
import type { JsonObject } from '../../json/JsonObject.ts';
import { callIdRule } from './callIdRule.ts';
import { encodeAssistant } from './encodeAssistant.ts';
import { encodePart } from './encodePart.ts';

/**
 * Writes the conversation as `instructions` and `input`. Results of tools stand right after the answer with their calls, in the order of the calls: this wire
 * refuses calls without results, and results without calls.
 */
export const encodeInput = (messages: readonly Message[], notes: WritingNotes): JsonObject => {
  const [first, ...others] = messages;
  const isGuided = first?.role === 'system' && first.content.length > 0;
  const rest = isGuided ? others : messages;
  if (rest.at(-1)?.role === 'assistant') {
    notes.refuse(
      'messages',
      'This target cannot go on with an answer that was begun: the last message is the assistant’s',
      null,
    );
  }
  const turns = answeredTurns(rest);
  const ids = new CallIds(
    turns.flatMap(({ pairs }) => pairs),
    callIdRule,
  );
  return {
    ...(isGuided ? { instructions: encodeInstructions(first.content, notes) } : {}),
    input: turns.flatMap((turn) => encodeTurn(turn, ids, notes)),
  };
};

/** Blocks of text are things of their own: a blank line keeps them apart where they become one text. */
const encodeInstructions = (content: readonly TextPart[], notes: WritingNotes): string => {
  if (content.some(({ cache }) => cache !== undefined)) notes.drop('cache_control');
  return content.map(({ text }) => text).join('\n\n');
};

const encodeTurn = ({ messages, pairs }: AnsweredTurn, ids: CallIds, notes: WritingNotes): readonly JsonObject[] => {
  const [first] = messages;
  return [
    ...(first?.role === 'assistant' ? encodeAssistant(first.content, ids, notes) : []),
    ...pairs.map(({ result }) => encodeResult(ids.of(result), result, notes)),
    ...messages.flatMap((message) => encodeMessage(message, ids, notes)),
  ];
};

const encodeMessage = ({ role, content }: Message, ids: CallIds, notes: WritingNotes): readonly JsonObject[] => {
  if (role === 'assistant') return [];
  if (role === 'system') return [{ role, content: content.map((part) => encodePart(part, notes)) }];
  const parts = content.flatMap((part) => encodeUserPart(part, ids, notes));
  return parts.length === 0 && content.length > 0 ? [] : [{ role, content: parts }];
};

/** Results with their calls stand elsewhere. One whose call is not in the conversation is the user's words: so it is neither lost nor refused. */
const encodeUserPart = (part: UserPart, ids: CallIds, notes: WritingNotes): readonly JsonObject[] => {
  if (part.type !== 'tool-result') return [encodePart(part, notes)];
  if (ids.has(part)) return [];
  notes.drop('tool_results');
  const failed = part.isError ? ' (an error)' : '';
  return [
    { type: 'input_text', text: `Result of the earlier tool call ${part.callId}${failed}:` },
    ...resultParts(part, notes),
  ];
};

/** Writes a result: a text where it is one, since not every vendor takes parts. That it is an error has no member here: the text says it. */
const encodeResult = (id: string, result: ToolResultPart, notes: WritingNotes): JsonObject => {
  const failed = result.isError ? 'Error: ' : '';
  const parts = resultParts(result, notes);
  const text = onlyText(result);
  const output =
    text === null ? [...(result.isError ? [{ type: 'input_text', text: failed }] : []), ...parts] : failed + text;
  return { type: 'function_call_output', call_id: id, output };
};

/** The text of a result that holds nothing else. */
const onlyText = ({ content: [only, ...more] }: ToolResultPart): string | null => {
  if (only === undefined) return '';
  return more.length === 0 && only.type === 'text' ? only.text : null;
};

const resultParts = (result: ToolResultPart, notes: WritingNotes): readonly JsonObject[] => {
  if (result.cache !== undefined) notes.drop('cache_control');
  return result.content.map((part) => encodePart(part, notes));
};
