import type { WritingNotes } from '../../codec/WritingNotes.ts';
import { textIn, type JsonObject } from '../../json/JsonObject.ts';

/** The member of Mistral and DeepSeek: the message is the start of the answer. Mistral gives that start again before it goes on. */
const prefixMember = 'prefix';
/** The member of vLLM, SGLang and llama.cpp: the last message is gone on with. No new turn may be begun then. */
const continueMember = 'continue_final_message';

/** Messages, and the members of the request beside them. */
export interface BegunAnswer {
  readonly messages: readonly JsonObject[];
  readonly members: JsonObject;
}

/** Says that the last message is the start of the answer, where it is one and the target wants to be told so. */
export const begunAnswer = (messages: readonly JsonObject[], notes: WritingNotes): BegunAnswer => {
  const last = messages.at(-1);
  if (last?.['role'] !== 'assistant') return { messages, members: {} };
  const members = notes.takes(continueMember) ? { [continueMember]: true, add_generation_prompt: false } : {};
  if (!notes.takes(prefixMember)) return { messages, members };
  notes.echo(textIn(last, 'content') ?? '');
  return { messages: [...messages.slice(0, -1), { ...last, [prefixMember]: true }], members };
};
