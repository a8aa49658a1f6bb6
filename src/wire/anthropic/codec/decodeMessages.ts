import type { Message, TextPart } from '../../../vocabulary/index.ts';
import type { ObjectReader } from '../../codec/ObjectReader.ts';
import { decodeAssistant } from './decodeAssistant.ts';
import { decodeSystemContent, decodeUser } from './decodeContent.ts';

const membersOfMessage = new Set(['role', 'content', 'output_config', 'clear_at']);

/** A line that an agent of the vendor's writes into its prompt for the vendor's billing. It changes with each run and instructs no one. */
const billingLine = /^x-anthropic-billing-header:/;

/** The system prompt above the messages. */
export const decodeSystem = (request: ObjectReader): readonly Message[] => {
  const content = decodeSystemContent(request.parts('system')).filter((part) => !isBillingLine(request, part));
  return content.length === 0 ? [] : [{ role: 'system', content }];
};

const isBillingLine = (request: ObjectReader, part: TextPart): boolean => {
  const isOne = billingLine.test(part.text);
  if (isOne) request.notes.hint('x-anthropic-billing-header');
  return isOne;
};

export const decodeMessages = (request: ObjectReader): readonly Message[] => {
  const messages = request.objects('messages');
  if (messages.length === 0) return request.refuse('messages', 'must be a list of at least one message', []);
  const lastUser = messages.findLastIndex((message) => message.value('role') === 'user');
  return messages
    .filter((message, index) => !isCleared(message, index, lastUser))
    .map(decodeMessage)
    .filter(({ content }) => content.length > 0);
};

/** A system message for one turn is not shown to the model once a later message of the user stands. */
const isCleared = (message: ObjectReader, index: number, lastUser: number): boolean =>
  message.value('clear_at') === 'next_user_message' && index < lastUser;

const decodeMessage = (message: ObjectReader): Message => {
  message.nativeOthers(membersOfMessage, 'messages');
  switch (message.value('role')) {
    case 'user':
      return { role: 'user', content: decodeUser(message) };
    case 'assistant':
      return { role: 'assistant', content: decodeAssistant(message) };
    case 'system':
      // One that only carries settings of the turn has no content.
      return { role: 'system', content: decodeSystemContent(message.parts('content')) };
    default:
      return message.refuse('role', 'must be "user", "assistant" or "system"', { role: 'user', content: [] });
  }
};
