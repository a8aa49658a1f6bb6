import { failure, success } from '../../kernel/index.ts';
import type { Result } from '../../kernel/index.ts';
import type { Prompt, ToolChoice } from '../answer/composeAnswer.ts';
import { countTokens } from '../answer/splitTokens.ts';
import { isJsonObject, listOf, numberOf, objectOf, stringOf } from '../json.ts';
import type { JsonObject } from '../json.ts';
import type { CatalogueModel } from '../sandboxCatalogue.ts';
import { checkShape } from '../shape/checkShape.ts';
import type { Refusal } from '../vendor/VendorWire.ts';
import { chatCalls, chatText, chatMessages, chatTools } from './chatParts.ts';
import { checkChat } from './checkChat.ts';
import { badRequest, refuseShape } from './openaiRefusal.ts';
import { chatSchema } from './openaiSchemas.ts';

/** A chat request that the vendor takes. */
export interface ChatRequest {
  readonly prompt: Prompt;
  readonly inputTokens: number;
  readonly choices: number;
  readonly stream: boolean;
  readonly includeUsage: boolean;
}

/** Tokens that the vendor's template puts around each message, and around all of them. */
const messageTokens = 3;
const imageTokens = 85;

const countMessage = (message: JsonObject): number => {
  const images = listOf(message['content']).filter((part) => objectOf(part)['type'] === 'image_url').length;
  const calls = chatCalls(message)
    .map((call) => objectOf(call['function']))
    .map((call) => countTokens(stringOf(call['name'])) + countTokens(stringOf(call['arguments'])));
  return (
    messageTokens +
    countTokens(chatText(message['content'])) +
    images * imageTokens +
    calls.reduce((sum, one) => sum + one, 0)
  );
};

const countInput = (body: JsonObject): number => {
  const tools = body['tools'] === undefined || body['tools'] === null ? 0 : countTokens(JSON.stringify(body['tools']));
  const format = objectOf(body['response_format'])['json_schema'];
  const schema = format === undefined ? 0 : countTokens(JSON.stringify(format));
  return chatMessages(body).reduce((sum, message) => sum + countMessage(message), messageTokens + tools + schema);
};

const toolChoiceOf = (
  body: JsonObject,
): { readonly toolChoice: ToolChoice; readonly allowed: readonly string[] | null } => {
  const choice = body['tool_choice'];
  if (choice === 'none' || choice === 'required') return { toolChoice: choice, allowed: null };
  if (!isJsonObject(choice)) return { toolChoice: 'auto', allowed: null };
  if (choice['type'] === 'function') {
    return { toolChoice: { name: stringOf(objectOf(choice['function'])['name']) }, allowed: null };
  }
  const allowed = objectOf(choice['allowed_tools']);
  return {
    toolChoice: allowed['mode'] === 'required' ? 'required' : 'auto',
    allowed: listOf(allowed['tools']).map((tool) => stringOf(objectOf(objectOf(tool)['function'])['name'])),
  };
};

const resultsOf = (messages: readonly JsonObject[]): Prompt['toolResults'] => {
  const names = new Map(
    messages.flatMap(chatCalls).map((call) => [stringOf(call['id']), stringOf(objectOf(call['function'])['name'])]),
  );
  const last = messages.findLastIndex((message) => message['role'] !== 'tool');
  return messages.slice(last + 1).map((message) => ({
    tool: names.get(stringOf(message['tool_call_id'])) ?? 'tool',
    text: chatText(message['content']),
  }));
};

const outputOf = (body: JsonObject): Prompt['output'] => {
  const format = objectOf(body['response_format']);
  if (format['type'] === 'json_object') return 'object';
  return format['type'] === 'json_schema' ? { schema: objectOf(format['json_schema'])['schema'] ?? {} } : null;
};

const promptOf = (body: JsonObject, messages: readonly JsonObject[], outputTokensMax: number): Prompt => {
  const { toolChoice, allowed } = toolChoiceOf(body);
  const stop = body['stop'];
  return {
    question: chatText(messages.findLast((message) => message['role'] === 'user')?.['content'] ?? ''),
    toolResults: resultsOf(messages),
    tools: chatTools(body).filter((tool) => allowed === null || allowed.includes(tool.name)),
    toolChoice,
    output: outputOf(body),
    thinking: 'none',
    announcesTools: false,
    outputTokensMax,
    begun: false,
    stopSequences: typeof stop === 'string' ? [stop] : listOf(stop).map(stringOf),
  };
};

/** Reads a chat request as strictly as the vendor does. */
export const readChat = (
  body: unknown,
  findModel: (name: string) => Result<CatalogueModel, Refusal>,
): Result<{ readonly request: ChatRequest; readonly model: CatalogueModel }, Refusal> => {
  const shapeFault = checkShape(chatSchema, body, { namesCases: false });
  if (shapeFault !== null) return failure(refuseShape(shapeFault));
  const request = objectOf(body);
  const model = findModel(stringOf(request['model']));
  if (!model.ok) return model;
  const refusal = checkChat(request);
  if (refusal !== null) return failure(refusal);
  return boundTokens(request, model.value);
};

const boundTokens = (
  body: JsonObject,
  model: CatalogueModel,
): Result<{ readonly request: ChatRequest; readonly model: CatalogueModel }, Refusal> => {
  const inputTokens = countInput(body);
  if (inputTokens >= model.contextTokens) {
    return failure(
      badRequest(
        `This model's maximum context length is ${model.contextTokens} tokens. However, your messages resulted in ${inputTokens} tokens. Please reduce the length of the messages.`,
        'messages',
        'context_length_exceeded',
      ),
    );
  }
  const asked = numberOf(body['max_completion_tokens']) ?? numberOf(body['max_tokens']);
  if (asked !== null && asked > model.outputTokensMax) {
    return failure(
      badRequest(
        `max_tokens is too large: ${asked}. This model supports at most ${model.outputTokensMax} completion tokens, whereas you provided ${asked}.`,
        'max_tokens',
        'invalid_value',
      ),
    );
  }
  const outputTokensMax = Math.min(asked ?? model.outputTokensMax, model.contextTokens - inputTokens);
  return success({
    model,
    request: {
      prompt: promptOf(body, chatMessages(body), outputTokensMax),
      inputTokens,
      choices: numberOf(body['n']) ?? 1,
      stream: body['stream'] === true,
      includeUsage: objectOf(body['stream_options'])['include_usage'] === true,
    },
  });
};
