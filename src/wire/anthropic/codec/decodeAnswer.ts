import { failure, success, type Result } from '../../../kernel/index.ts';
import type { Answer, AnswerContent, Failure } from '../../../vocabulary/index.ts';
import { protocolFailure } from '../../failure/classifyFailure.ts';
import { isJsonObject, listIn, objectIn, parseJson, textIn, type JsonObject } from '../../json/JsonObject.ts';
import { utf8Text } from '../../utf8.ts';
import { MessageUsage } from '../MessageUsage.ts';
import { errorOf } from '../readAnswer.ts';
import { ownSeal } from './ownSeal.ts';
import { decodeFinish } from './stopReasons.ts';

/** Reads a whole message. Blocks of the vendor's own tools and doings, and those of the future, are left out. */
export const decodeAnswer = (body: Uint8Array): Result<Answer, Failure> => {
  const message = parseJson(utf8Text(body));
  if (!isJsonObject(message)) return failure(protocolFailure('undecodable_answer', 'the answer is not a JSON object'));
  if (message['type'] === 'error') return failure(errorOf(message));
  if (!Array.isArray(message['content']))
    return failure(protocolFailure('not_an_answer', 'the message has no list "content"'));
  return success({
    id: textIn(message, 'id') ?? '',
    model: textIn(message, 'model') ?? '',
    content: [...listIn(message, 'content').filter(isJsonObject).flatMap(contentOf), ...refusalOf(message)],
    finish: decodeFinish(textIn(message, 'stop_reason'), textIn(message, 'stop_sequence')),
    usage: usageOf(message),
  });
};

const contentOf = (block: JsonObject): readonly AnswerContent[] => {
  switch (block['type']) {
    case 'text':
      return textOf(textIn(block, 'text'));
    case 'thinking':
      return thinkingOf(textIn(block, 'thinking') ?? '', textIn(block, 'signature'));
    case 'redacted_thinking': {
      const data = textIn(block, 'data');
      return data === null ? [] : [{ type: 'redacted-thinking', seal: ownSeal(data) }];
    }
    case 'tool_use':
      return callOf(block, textIn(block, 'name'));
    default:
      return [];
  }
};

const textOf = (text: string | null): readonly AnswerContent[] => (text === null ? [] : [{ type: 'text', text }]);

const thinkingOf = (text: string, signature: string | null): readonly AnswerContent[] =>
  text === '' && signature === null
    ? []
    : [{ type: 'thinking', text, seal: signature === null ? null : ownSeal(signature) }];

const callOf = (block: JsonObject, name: string | null): readonly AnswerContent[] =>
  name === null
    ? []
    : [
        {
          type: 'tool-call',
          id: textIn(block, 'id') ?? '',
          name,
          arguments: JSON.stringify(objectIn(block, 'input') ?? {}),
        },
      ];

/** A refusal's reasons stand beside the content, which may be empty or cut. */
const refusalOf = (message: JsonObject): readonly AnswerContent[] => {
  const text = textIn(objectIn(message, 'stop_details'), 'explanation');
  return text === null ? [] : [{ type: 'refusal', text }];
};

const usageOf = (message: JsonObject): Answer['usage'] => {
  const usage = objectIn(message, 'usage');
  if (usage === null) return null;
  const reported = new MessageUsage();
  reported.report(usage);
  return reported.usage;
};
