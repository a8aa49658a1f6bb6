import type { Seal } from '../../../vocabulary/index.ts';
import { clientCallId } from '../../codec/CallIds.ts';
import type { AnswerFrame, FramedTool } from '../../codec/Codec.ts';
import { handedSeal } from '../../codec/handedSeal.ts';
import type { JsonObject } from '../../json/JsonObject.ts';
import { callIdRule } from './callIdRule.ts';
import { textOfArguments } from './freeText.ts';
import { itemId } from './sealOf.ts';

// Items of `output` (openai 7.57.0, `ResponseOutputItem`), as they stand in whole answers and at the ends of streams.

/** Words of a message: what the model says, or why it does not answer. */
export type WordsKind = 'text' | 'refusal';

export const wordsPart = (kind: WordsKind, text: string): JsonObject =>
  kind === 'text' ? { type: 'output_text', annotations: [], logprobs: [], text } : { type: 'refusal', refusal: text };

export const messageItem = (id: string, status: string, content: readonly JsonObject[]): JsonObject => ({
  id,
  type: 'message',
  status,
  role: 'assistant',
  content,
});

export const summaryPart = (text: string): JsonObject => ({ type: 'summary_text', text });

/**
 * What the client keeps of a seal as `encrypted_content` says whose it is, since clients of this wire have one place only for what they do not understand. A seal
 * of this wire's is no other: the vendor wants it back with its own id, and the item has one of ours.
 * @param text "" before the first word, and where there is only a seal.
 */
export const reasoningItem = (id: string, text: string, seal: Seal | null, { sealedAt }: AnswerFrame): JsonObject => ({
  id,
  type: 'reasoning',
  summary: text === '' ? [] : [summaryPart(text)],
  ...(seal === null ? {} : { encrypted_content: handedSeal(seal, sealedAt) }),
});

/** A call as the client knows the tool: by its own name in its group, with an object or with a text. */
export interface ClientCall {
  readonly isText: boolean;
  /** Members that stay the same from its start to its end. */
  readonly head: JsonObject;
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
  return {
    isText,
    head: {
      id: itemId(isText ? 'ctc' : 'fc', frame.requestId, number),
      type: isText ? 'custom_tool_call' : 'function_call',
      call_id: clientCallId(given, number, frame, callIdRule),
      name: tool?.place?.name ?? called,
      ...(tool?.place === undefined ? {} : { namespace: tool.place.group }),
    },
  };
};

/** @param written Arguments as the model wrote them; "" before its first word. */
export const callItem = ({ head, isText }: ClientCall, status: string, written: string): JsonObject => ({
  ...head,
  status,
  ...(isText ? { input: written === '' ? '' : textOfArguments(written) } : { arguments: written }),
});
