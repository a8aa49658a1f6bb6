import type { Message, TextPart } from '../../../vocabulary/index.ts';
import type { JsonObject } from '../../json/JsonObject.ts';
import { decodeAssistantBlocks, decodeSystemBlocks, decodeUserBlocks } from './decodeBlocks.ts';
import type { RequestReading } from './RequestReading.ts';

const messageMembers = new Set(['role', 'content', 'output_config', 'clear_at']);

/** A line that an agent of the vendor's writes into its prompt for the vendor's billing. It changes with each run and instructs no one. */
const billingLine = /^x-anthropic-billing-header:/;

/** The system prompt above the messages. */
export const decodeSystem = (reading: RequestReading, body: JsonObject): readonly Message[] => {
  const system = body['system'];
  if (system === undefined || system === null) return [];
  const content = decodeSystemBlocks(reading, system, 'system').filter((part) => !isBillingLine(reading, part));
  return content.length === 0 ? [] : [{ role: 'system', content }];
};

const isBillingLine = (reading: RequestReading, part: TextPart): boolean => {
  const isOne = billingLine.test(part.text);
  if (isOne) reading.hint('x-anthropic-billing-header');
  return isOne;
};

export const decodeMessages = (reading: RequestReading, body: JsonObject): readonly Message[] => {
  const messages = reading.objects(body, 'messages', '');
  if (messages.length === 0) return reading.refuse('messages', 'a list of at least one message', []);
  const lastUser = messages.findLastIndex(([message]) => message['role'] === 'user');
  return messages
    .filter(([message], index) => !isCleared(message, index, lastUser))
    .flatMap(([message, path]) => decodeMessage(reading, message, path))
    .filter(({ content }) => content.length > 0);
};

/** A system message for one turn is not shown to the model once a later message of the user stands. */
const isCleared = (message: JsonObject, index: number, lastUser: number): boolean =>
  message['clear_at'] === 'next_user_message' && index < lastUser;

const decodeMessage = (reading: RequestReading, message: JsonObject, path: string): readonly Message[] => {
  reading.unknownMembers(message, messageMembers, 'messages');
  const content = message['content'];
  const place = `${path}.content`;
  switch (message['role']) {
    case 'user':
      return [{ role: 'user', content: decodeUserBlocks(reading, content, place) }];
    case 'assistant':
      return [{ role: 'assistant', content: decodeAssistantBlocks(reading, content, place) }];
    case 'system':
      // One that only carries settings of the turn has no content.
      return content === undefined || content === null
        ? []
        : [{ role: 'system', content: decodeSystemBlocks(reading, content, place) }];
    default:
      return reading.refuse(`${path}.role`, '"user", "assistant" or "system"', []);
  }
};
