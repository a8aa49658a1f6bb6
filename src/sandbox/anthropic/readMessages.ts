import { createHash } from 'node:crypto';
import { failure, success } from '../../kernel/index.ts';
import type { Result } from '../../kernel/index.ts';
import type { Prompt, ToolChoice } from '../answer/composeAnswer.ts';
import { countTokens } from '../answer/splitTokens.ts';
import { isJsonObject, listOf, numberOf, objectOf, stringOf } from '../json.ts';
import type { JsonObject } from '../json.ts';
import type { CatalogueModel } from '../sandboxCatalogue.ts';
import { invalidRequest } from './anthropicRefusal.ts';
import type { AnthropicError } from './anthropicRefusal.ts';
import { checkMessages } from './checkMessages.ts';
import type { SignatureCheck } from './checkMessages.ts';
import { blocksOf, messageTokens, messagesOf, partsOf, textOf, toolsOf } from './messageParts.ts';
import type { PromptPart } from './messageParts.ts';
import type { PrefixEnd } from './PromptCache.ts';

/** A request for a message that the vendor takes. */
export interface MessagesRequest {
  readonly prompt: Prompt;
  readonly inputTokens: number;
  /** Ends of the prompt's blocks, for the prompt cache. */
  readonly prefixEnds: readonly PrefixEnd[];
  readonly stream: boolean;
}

const keepOf = (cacheControl: unknown): PrefixEnd['keep'] => {
  if (!isJsonObject(cacheControl)) return null;
  return cacheControl['ttl'] === '1h' ? '1h' : '5m';
};

const prefixEndsOf = (body: JsonObject, parts: readonly PromptPart[]): readonly PrefixEnd[] => {
  const hash = createHash('sha256').update(stringOf(body['model']));
  let tokens = 0;
  return parts.map((part, at) => {
    hash.update('\0').update(part.bytes);
    tokens += part.tokens;
    // A mark on the request itself stands for one on its last block.
    const mark = part.cacheControl ?? (at === parts.length - 1 ? body['cache_control'] : null);
    return { digest: hash.copy().digest('hex'), tokens, keep: keepOf(mark) };
  });
};

const toolChoiceOf = (body: JsonObject): ToolChoice => {
  const choice = objectOf(body['tool_choice']);
  switch (choice['type']) {
    case 'any':
      return 'required';
    case 'none':
      return 'none';
    case 'tool':
      return { name: stringOf(choice['name']) };
    default:
      return 'auto';
  }
};

/** What the tools answered in the last turn; a turn with words of the user beside is a question again. */
const resultsOf = (messages: readonly JsonObject[]): Prompt['toolResults'] => {
  const last = messages.findLast((message) => message['role'] !== 'system');
  const names = new Map(
    messages
      .flatMap((message) => blocksOf(message['content']))
      .filter((block) => block['type'] === 'tool_use')
      .map((block) => [stringOf(block['id']), stringOf(block['name'])]),
  );
  return blocksOf(last?.['content'] ?? [])
    .filter((block) => block['type'] === 'tool_result')
    .map((block) => ({
      tool: names.get(stringOf(block['tool_use_id'])) ?? 'tool',
      text: textOf(block['content'] ?? ''),
    }));
};

const questionOf = (messages: readonly JsonObject[]): string => {
  const asking = messages.findLast(
    (message) => message['role'] === 'user' && blocksOf(message['content']).some((block) => block['type'] === 'text'),
  );
  return (
    blocksOf(asking?.['content'] ?? '')
      .findLast((block) => block['type'] === 'text')
      ?.['text']?.toString() ?? ''
  );
};

const thinkingOf = (body: JsonObject): Prompt['thinking'] => {
  const thinking = objectOf(body['thinking']);
  if (thinking['type'] !== 'enabled' && thinking['type'] !== 'adaptive') return 'none';
  return thinking['display'] === 'omitted' ? 'hidden' : 'shown';
};

const outputOf = (body: JsonObject): Prompt['output'] => {
  const format = objectOf(objectOf(body['output_config'])['format'] ?? body['output_format']);
  return format['type'] === 'json_schema' ? { schema: format['schema'] } : null;
};

const promptOf = (body: JsonObject, messages: readonly JsonObject[], outputTokensMax: number): Prompt => ({
  question: questionOf(messages),
  toolResults: resultsOf(messages),
  tools: toolsOf(body).filter((tool) => !tool.deferred),
  toolChoice: toolChoiceOf(body),
  output: outputOf(body),
  thinking: thinkingOf(body),
  announcesTools: true,
  outputTokensMax,
  stopSequences: listOf(body['stop_sequences']).map(stringOf),
  begun: messages.at(-1)?.['role'] === 'assistant',
});

/**
 * Reads a request whose shape is already known to be right, as strictly as the vendor does.
 * @param betas the `anthropic-beta` header
 */
export const readMessages = (
  body: JsonObject,
  model: CatalogueModel,
  betas: string,
  signed: SignatureCheck,
): Result<MessagesRequest, AnthropicError> => {
  const error = checkMessages(body, betas, signed);
  if (error !== null) return failure(error);
  const parts = partsOf(body);
  const format = outputOf(body);
  const formatTokens = format === null || format === 'object' ? 0 : countTokens(JSON.stringify(format.schema));
  const inputTokens = parts.reduce((sum, part) => sum + part.tokens, messageTokens + formatTokens);
  const tooLong = checkLength(body, inputTokens, model);
  if (tooLong !== null) return failure(tooLong);
  return success({
    prompt: promptOf(body, messagesOf(body), numberOf(body['max_tokens']) ?? model.outputTokensMax),
    inputTokens,
    prefixEnds: prefixEndsOf(body, parts),
    stream: body['stream'] === true,
  });
};

const checkLength = (body: JsonObject, inputTokens: number, model: CatalogueModel): AnthropicError | null => {
  const bound = numberOf(body['max_tokens']) ?? 0;
  if (inputTokens > model.contextTokens) {
    return invalidRequest(`prompt is too long: ${inputTokens} tokens > ${model.contextTokens} maximum`);
  }
  if (bound > model.outputTokensMax) {
    return invalidRequest(
      `max_tokens: ${bound} > ${model.outputTokensMax}, which is the maximum allowed number of output tokens for ${model.name}`,
    );
  }
  return inputTokens + bound > model.contextTokens
    ? invalidRequest(
        `input length and \`max_tokens\` exceed context limit: ${inputTokens} + ${bound} > ${model.contextTokens}, decrease input length or \`max_tokens\` and try again`,
      )
    : null;
};
