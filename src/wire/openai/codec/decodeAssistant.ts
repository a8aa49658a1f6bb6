import type { AnswerContent, ToolCallPart } from '../../../vocabulary/index.ts';
import { decodeArguments } from '../../codec/decodeArguments.ts';
import type { ObjectReader } from '../../codec/ObjectReader.ts';
import { cacheMarkOf } from './cacheMarkOf.ts';
import { callSignatureIn } from './callSignature.ts';
import { decodeContent } from './decodeContent.ts';
import { readThinking } from './readThinking.ts';

/** What an assistant's message may hold beside its words; annotations say where a text came from and go nowhere. */
const membersOfAssistant = new Set([
  'role',
  'content',
  'refusal',
  'tool_calls',
  'function_call',
  'audio',
  'annotations',
  'reasoning',
  'reasoning_content',
  'reasoning_details',
  'cache_control',
]);

/** Reads an earlier answer: thinking first, then words, then calls, as models give them. */
export const decodeAssistant = (message: ObjectReader): readonly AnswerContent[] => {
  message.hintOthers(membersOfAssistant, 'messages');
  // An answer in sound is named by its id; a call of the older kind has no id to pair its result with.
  for (const name of ['audio', 'function_call']) if (message.has(name)) message.notes.native(message.at(name));
  const refusal = message.text('refusal') ?? '';
  return [
    ...readThinking(message.object),
    ...decodeWords(message),
    ...(refusal === '' ? [] : [{ type: 'refusal', text: refusal } as const]),
    ...message.objects('tool_calls').flatMap(decodeCall),
  ];
};

const decodeWords = (message: ObjectReader): readonly AnswerContent[] =>
  decodeContent(message).flatMap((part): AnswerContent[] =>
    part.type === 'text' || part.type === 'refusal' || part.type === 'thinking'
      ? [part]
      : message.refuse('content', `of this role may hold text, thinking and refusals, not ${part.type}`, []),
  );

const decodeCall = (call: ObjectReader): ToolCallPart[] => {
  const type = call.text('type') ?? 'function';
  if (type !== 'function') {
    call.notes.native(call.at(type));
    return [];
  }
  const id = call.requiredText('id');
  const inner = call.requiredNested('function');
  const seal = callSignatureIn(call.object);
  return [
    {
      type: 'tool-call',
      id,
      name: inner.requiredText('name'),
      arguments: decodeArguments(inner),
      ...(seal === null ? {} : { seal }),
      ...cacheMarkOf(call),
    },
  ];
};
