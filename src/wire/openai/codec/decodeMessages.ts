import type {
  AnswerContent,
  FilePart,
  ImagePart,
  Message,
  TextPart,
  ToolResultPart,
  UserPart,
} from '../../../vocabulary/index.ts';
import type { ObjectReader } from '../../codec/ObjectReader.ts';
import { cacheMarkOf } from './cacheMarkOf.ts';
import { decodeAssistant } from './decodeAssistant.ts';
import { decodeContent, type ContentPart } from './decodeContent.ts';

/** What else stands in a message is a label, such as the `name` of a participant, or whatever a client's library keeps there. */
const membersOfUser = new Set(['role', 'content', 'cache_control']);
const membersOfTool = new Set(['role', 'content', 'tool_call_id', 'cache_control', 'name']);

/**
 * Reads `messages`. Results of tools stand in messages of their own here; those in a row become one message of the user, which is how the
 * vocabulary says that they answer the same turn.
 */
export const decodeMessages = (request: ObjectReader): readonly Message[] => {
  const messages: Message[] = [];
  let results: ToolResultPart[] | null = null;
  for (const message of request.objects('messages')) {
    if (message.value('role') !== 'tool') {
      results = null;
      messages.push(decodeMessage(message));
    } else if (results === null) {
      results = [decodeToolResult(message)];
      messages.push({ role: 'user', content: results });
    } else {
      results.push(decodeToolResult(message));
    }
  }
  return messages;
};

const decodeMessage = (message: ObjectReader): Message => {
  const role = message.requiredText('role');
  switch (role) {
    case 'system':
    case 'developer':
      return { role: 'system', content: decodeSystem(message) };
    case 'user':
      return { role, content: decodeUser(message) };
    case 'assistant':
      return { role, content: decodeAssistant(message) satisfies readonly AnswerContent[] };
    case 'function':
      // The older way to call tools: its answers have another shape, which a translated answer would not have.
      message.notes.native(message.at('role'));
      return { role: 'user', content: [] };
    default:
      return message.refuse('role', 'must be one of system, developer, user, assistant, tool', {
        role: 'user',
        content: [],
      });
  }
};

const decodeSystem = (message: ObjectReader): readonly TextPart[] => {
  message.hintOthers(membersOfUser, 'messages');
  return decodeContent(message).flatMap((part) =>
    part.type === 'text' ? [part] : refuseKind(message, part, 'only text'),
  );
};

const decodeUser = (message: ObjectReader): readonly UserPart[] => {
  message.hintOthers(membersOfUser, 'messages');
  if (!message.has('content')) return message.refuse('content', 'is required', []);
  return decodeContent(message).flatMap((part) =>
    part.type === 'refusal' || part.type === 'thinking'
      ? refuseKind(message, part, 'text, images, audio and files')
      : [part],
  );
};

const decodeToolResult = (message: ObjectReader): ToolResultPart => {
  message.hintOthers(membersOfTool, 'messages');
  return {
    type: 'tool-result',
    callId: message.requiredText('tool_call_id'),
    content: decodeContent(message).flatMap((part): (TextPart | ImagePart | FilePart)[] =>
      part.type === 'text' || part.type === 'image' || part.type === 'file'
        ? [part]
        : refuseKind(message, part, 'text, images and files'),
    ),
    isError: false,
    ...cacheMarkOf(message),
  };
};

const refuseKind = (message: ObjectReader, part: ContentPart, allowed: string): [] =>
  message.refuse('content', `of this role may hold ${allowed}, not ${part.type}`, []);
