import type { Seal } from '../../../vocabulary/index.ts';
import { clientCallId } from '../../codec/CallIds.ts';
import type { AnswerFrame, FramedTool } from '../../codec/Codec.ts';
import { handedSeal } from '../../codec/handedSeal.ts';
import { callIdRule } from './callIdRule.ts';
import { textOfArguments } from './freeText.ts';
import { itemId } from './sealOf.ts';

// Items of `output` (openai 7.57.0, `ResponseOutputItem`), as they stand in whole answers and at the ends of streams. They are made as JSON, of words that are JSON
// already: a stream tells its words up to four times.

/** Words of a message: what the model says, or why it does not answer. */
export type WordsKind = 'text' | 'refusal';

/** JSON of a text without a word. */
export const emptyText = '""';

/** @param text JSON of the words. */
export const wordsPart = (kind: WordsKind, text: string): string =>
  kind === 'text'
    ? `{"type":"output_text","annotations":[],"logprobs":[],"text":${text}}`
    : `{"type":"refusal","refusal":${text}}`;

type ItemStatus = 'in_progress' | 'completed';

/** @param parts JSON of each. */
export const messageItem = (id: string, status: ItemStatus, parts: readonly string[]): string =>
  `{"id":"${id}","type":"message","status":"${status}","role":"assistant","content":[${parts.join(',')}]}`;

/** @param text JSON of the words. */
export const summaryPart = (text: string): string => `{"type":"summary_text","text":${text}}`;

/**
 * What the client keeps of a seal as `encrypted_content` says whose it is, since clients of this wire have one place only for what they do not understand. A seal
 * of this wire's is no other: the vendor wants it back with its own id, and the item has one of ours.
 * @param text JSON of the words: none before the first word, and where there is only a seal.
 */
export const reasoningItem = (id: string, text: string, seal: Seal | null, { sealedAt }: AnswerFrame): string => {
  const summary = text === emptyText ? '' : summaryPart(text);
  const sealed = seal === null ? '' : `,"encrypted_content":${JSON.stringify(handedSeal(seal, sealedAt))}`;
  return `{"id":"${id}","type":"reasoning","summary":[${summary}]${sealed}}`;
};

/** A call as the client knows the tool: by its own name in its group, with an object or with a text. */
export interface ClientCall {
  readonly isText: boolean;
  /** JSON of its name, as the client knows it. */
  readonly name: string;
  /** JSON of the members that stay the same from its start to its end, without braces. */
  readonly head: string;
}

/** The client's own tools by the names under which they are called; of two of one name, the first. */
export type ToolsByName = ReadonlyMap<string, FramedTool>;

export const toolsByName = ({ tools }: AnswerFrame): ToolsByName =>
  new Map(tools.toReversed().map((tool) => [tool.name, tool]));

/** @param number Where the call stands in the answer. */
export const clientCall = (
  given: string,
  called: string,
  number: number,
  frame: AnswerFrame,
  tools: ToolsByName,
): ClientCall => {
  const tool = tools.get(called);
  const isText = tool?.form === 'text';
  const name = tool?.place?.name ?? called;
  const head = {
    id: itemId(isText ? 'ctc' : 'fc', frame.requestId, number),
    type: isText ? 'custom_tool_call' : 'function_call',
    call_id: clientCallId(given, number, frame, callIdRule),
    name,
    ...(tool?.place === undefined ? {} : { namespace: tool.place.group }),
  };
  return { isText, name: JSON.stringify(name), head: JSON.stringify(head).slice(1, -1) };
};

/** JSON of what a call was given, arguments or a text. @param written Arguments as the model wrote them. */
export const givenTo = ({ isText }: ClientCall, written: string): string =>
  JSON.stringify(isText ? textOfArguments(written) : written);

/** @param given JSON of what the call was given; of no text before the first word. */
export const callItem = ({ head, isText }: ClientCall, status: ItemStatus, given: string): string =>
  `{${head},"status":"${status}","${isText ? 'input' : 'arguments'}":${given}}`;
