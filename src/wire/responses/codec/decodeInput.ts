import type {
  AnswerContent,
  FilePart,
  ImagePart,
  Message,
  TextPart,
  ToolCallPart,
  ToolResultPart,
  UserPart,
} from '../../../vocabulary/index.ts';
import { decodeArguments } from '../../codec/decodeArguments.ts';
import type { ObjectReader } from '../../codec/ObjectReader.ts';
import { decodeContent, type ContentPart } from './decodeContent.ts';
import { argumentsOfText } from './freeText.ts';
import { decodeThinking } from './readThinking.ts';
import type { ToolNames } from './ToolNames.ts';

/**
 * Reads `input`: a text, or items. What the model said, thought and called stands in items of their own here; those in a row become one message of the
 * assistant, and results in a row one message of the user, which is how the vocabulary says that they answer the same turn.
 */
export const decodeInput = (request: ObjectReader, names: ToolNames): readonly Message[] => {
  const input = request.value('input');
  if (typeof input === 'string')
    return [{ role: 'user', content: input === '' ? [] : [{ type: 'text', text: input }] }];
  const conversation = new Conversation();
  for (const item of request.objects('input')) readItem(item, names, conversation);
  return conversation.messages;
};

class Conversation {
  readonly messages: Message[] = [];
  #answer: AnswerContent[] | null = null;
  #results: ToolResultPart[] | null = null;

  say(message: Message): void {
    this.#answer = null;
    this.#results = null;
    this.messages.push(message);
  }

  answer(content: readonly AnswerContent[]): void {
    const answer = this.#answer;
    if (answer !== null) {
      for (const part of content) answer.push(part);
      return;
    }
    const begun = [...content];
    this.say({ role: 'assistant', content: begun });
    this.#answer = begun;
  }

  result(part: ToolResultPart): void {
    const results = this.#results;
    if (results !== null) {
      results.push(part);
      return;
    }
    const begun = [part];
    this.say({ role: 'user', content: begun });
    this.#results = begun;
  }
}

const readItem = (item: ObjectReader, names: ToolNames, conversation: Conversation): void => {
  switch (typeOf(item)) {
    case 'message':
      return readMessage(item, conversation);
    case 'reasoning':
      return conversation.answer(decodeThinking(item));
    case 'function_call':
      return conversation.answer([decodeCall(item, names, decodeArguments(item))]);
    case 'custom_tool_call':
      return conversation.answer([decodeCall(item, names, argumentsOfText(item.givenText('input')))]);
    case 'function_call_output':
    case 'custom_tool_call_output':
      return conversation.result(decodeResult(item));
    default:
      return noteOther(item);
  }
};

/** Messages need no type, and references have none but an id. */
const typeOf = (item: ObjectReader): string =>
  item.text('type') ?? (item.has('role') ? 'message' : item.has('id') ? 'item_reference' : item.requiredText('type'));

/** What the vendor has searched says nothing to another one, and the answer that came of it stands behind it. All else is held by the vendor, or done by it. */
const noteOther = (item: ObjectReader): void => {
  const type = typeOf(item);
  if (type === 'web_search_call') item.notes.hint(`input.${type}`);
  else item.notes.native(`input.${type}`);
};

/** What else stands in a message is a label: its id, its `status`, its `phase`. */
const membersOfMessage = new Set(['type', 'id', 'role', 'content', 'status']);

const readMessage = (item: ObjectReader, conversation: Conversation): void => {
  item.hintOthers(membersOfMessage, 'input');
  const role = item.requiredText('role');
  const parts = decodeContent(item, 'content');
  if (!item.has('content')) item.refuse('content', 'is required', null);
  switch (role) {
    case 'system':
    case 'developer':
      return conversation.say({ role: 'system', content: parts.flatMap((part) => onlyText(item, part)) });
    case 'user':
      return conversation.say({ role, content: parts.flatMap((part) => onlyInput(item, part)) });
    case 'assistant':
      return conversation.answer(parts.flatMap((part) => onlyWords(item, part)));
    default:
      item.refuse('role', 'must be one of system, developer, user, assistant', null);
  }
};

const onlyText = (item: ObjectReader, part: ContentPart): readonly TextPart[] =>
  part.type === 'text' ? [part] : refuseKind(item, part, 'text');

const onlyInput = (item: ObjectReader, part: ContentPart): readonly UserPart[] =>
  part.type === 'refusal' ? refuseKind(item, part, 'text, images and files') : [part];

const onlyWords = (item: ObjectReader, part: ContentPart): readonly AnswerContent[] =>
  part.type === 'text' || part.type === 'refusal' ? [part] : refuseKind(item, part, 'text and refusals');

const refuseKind = (item: ObjectReader, part: ContentPart, allowed: string): [] =>
  item.refuse('content', `of this role may hold ${allowed}, not ${part.type}`, []);

const decodeCall = (item: ObjectReader, names: ToolNames, written: string): ToolCallPart => {
  const caller = item.nested('caller');
  // A call that code of the vendor's made belongs to that code's run.
  if (caller !== null && caller.value('type') !== 'direct') item.notes.native('input.caller');
  return {
    type: 'tool-call',
    id: item.requiredText('call_id'),
    name: names.of(item.text('namespace'), item.requiredText('name')),
    arguments: written,
  };
};

const decodeResult = (item: ObjectReader): ToolResultPart => {
  if (!item.has('output')) item.refuse('output', 'is required', null);
  return {
    type: 'tool-result',
    callId: item.requiredText('call_id'),
    content: decodeContent(item, 'output').flatMap((part): (TextPart | ImagePart | FilePart)[] =>
      part.type === 'refusal' ? refuseKind(item, part, 'text, images and files') : [part],
    ),
    isError: false,
  };
};
