import { failure, success } from '../../kernel/index.ts';
import type { Result } from '../../kernel/index.ts';
import type { Prompt, ToolChoice } from '../answer/composeAnswer.ts';
import { listOf, numberOf, objectOf, stringOf } from '../json.ts';
import type { JsonObject } from '../json.ts';
import type { CatalogueModel } from '../sandboxCatalogue.ts';
import { checkShape } from '../shape/checkShape.ts';
import { shapeError } from './bedrockRefusal.ts';
import type { BedrockError } from './bedrockRefusal.ts';
import { converseSchema } from './bedrockSchemas.ts';
import { checkConverse } from './checkConverse.ts';
import { askedSchema, blocksOf, countInput, messagesOf, toolBlocksOf, resultText, toolsOf } from './converseBlocks.ts';

/** A conversation that the vendor takes. */
export interface ConverseRequest {
  readonly prompt: Prompt;
  readonly inputTokens: number;
}

const toolChoiceOf = (body: JsonObject): ToolChoice => {
  const choice = objectOf(objectOf(body['toolConfig'])['toolChoice']);
  if (choice['tool'] !== undefined) return { name: stringOf(objectOf(choice['tool'])['name']) };
  return choice['any'] === undefined ? 'auto' : 'required';
};

const resultsOf = (messages: readonly JsonObject[]): Prompt['toolResults'] => {
  const names = new Map(
    messages
      .flatMap((message) => toolBlocksOf(message, 'toolUse'))
      .map((use) => [stringOf(use['toolUseId']), stringOf(use['name'])]),
  );
  return toolBlocksOf(messages.at(-1), 'toolResult').map((result) => ({
    tool: names.get(stringOf(result['toolUseId'])) ?? 'tool',
    text: resultText(result),
  }));
};

const questionOf = (messages: readonly JsonObject[]): string =>
  messages
    .filter(({ role }) => role === 'user')
    .flatMap((message) => blocksOf(message))
    .map(({ text }) => stringOf(text))
    .findLast((text) => text !== '') ?? '';

const promptOf = (body: JsonObject, outputTokensMax: number): Prompt => {
  const messages = messagesOf(body);
  const schema = askedSchema(body);
  return {
    question: questionOf(messages),
    toolResults: resultsOf(messages),
    tools: toolsOf(body),
    toolChoice: toolChoiceOf(body),
    output: schema === null ? null : { schema: JSON.parse(schema) },
    thinking: 'none',
    announcesTools: true,
    outputTokensMax,
    stopSequences: listOf(objectOf(body['inferenceConfig'])['stopSequences']).map(stringOf),
    begun: messages.at(-1)?.['role'] === 'assistant',
  };
};

/** Reads a conversation as strictly as the vendor does. */
export const readConverse = (sent: unknown, model: CatalogueModel): Result<ConverseRequest, BedrockError> => {
  const fault = checkShape(converseSchema, sent, { namesCases: false });
  if (fault !== null) return failure(shapeError(fault));
  const body = objectOf(sent);
  const error = checkConverse(body, model);
  if (error !== null) return failure(error);
  const inputTokens = countInput(body);
  const asked = numberOf(objectOf(body['inferenceConfig'])['maxTokens']) ?? model.outputTokensMax;
  return success({ prompt: promptOf(body, Math.min(asked, model.contextTokens - inputTokens)), inputTokens });
};
