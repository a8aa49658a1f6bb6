import { isJsonObject, listOf, numberOf, objectOf, stringOf } from '../json.ts';
import type { JsonObject } from '../json.ts';
import { invalidRequest } from './anthropicRefusal.ts';
import type { AnthropicError } from './anthropicRefusal.ts';
import { betaMembers, turnControlBeta } from './anthropicSchemas.ts';
import { blocksOf, messagesOf, partsOf, textOf, toolsOf } from './messageParts.ts';

/** Whether a thinking block carries the signature that this vendor gave it. */
export type SignatureCheck = (thinking: string, signature: string) => boolean;

const cacheMarksMax = 4;

const toolIds = (message: JsonObject | undefined, type: string, member: string): readonly string[] =>
  blocksOf(message?.['content'] ?? [])
    .filter((block) => block['type'] === type)
    .map((block) => stringOf(block[member]));

const checkToolPairs = (messages: readonly JsonObject[]): AnthropicError | null => {
  // System messages may stand between a turn and its answer.
  const turns = [...messages.entries()].filter(([, message]) => message['role'] !== 'system');
  for (const [at, [index, message]] of turns.entries()) {
    const uses = toolIds(turns[at - 1]?.[1], 'tool_use', 'id');
    const results = toolIds(message, 'tool_result', 'tool_use_id');
    const stray = results.find((id) => !uses.includes(id));
    if (stray !== undefined) {
      const block = blocksOf(message['content']).findIndex((one) => one['tool_use_id'] === stray);
      return invalidRequest(
        `messages.${index}.content.${block}: unexpected \`tool_use_id\` found in \`tool_result\` blocks: ${stray}. Each \`tool_result\` block must have a corresponding \`tool_use\` block in the previous message.`,
      );
    }
    const unanswered = uses.filter((id) => !results.includes(id));
    if (unanswered.length > 0) return withoutResults(turns[at - 1]?.[0] ?? 0, unanswered);
  }
  const last = turns.at(-1);
  const open = toolIds(last?.[1], 'tool_use', 'id');
  return open.length > 0 ? withoutResults(last?.[0] ?? 0, open) : null;
};

const withoutResults = (index: number, ids: readonly string[]): AnthropicError =>
  invalidRequest(
    `messages.${index}: \`tool_use\` ids were found without \`tool_result\` blocks immediately after: ${ids.join(', ')}. Each \`tool_use\` block must have a corresponding \`tool_result\` block in the next message.`,
  );

const checkBlocks = (messages: readonly JsonObject[], signed: SignatureCheck): AnthropicError | null => {
  for (const [index, message] of messages.entries()) {
    const blocks = blocksOf(message['content']);
    const isLast = index === messages.length - 1;
    if (blocks.length === 0 && !(isLast && message['role'] === 'assistant')) {
      return invalidRequest(
        `messages.${index}: all messages must have non-empty content except for the optional final assistant message`,
      );
    }
    for (const [at, block] of blocks.entries()) {
      if (block['type'] === 'text' && stringOf(block['text']) === '') {
        return invalidRequest('messages: text content blocks must be non-empty');
      }
      if (block['type'] === 'thinking' && !signed(stringOf(block['thinking']), stringOf(block['signature']))) {
        return invalidRequest(`messages.${index}.content.${at}: Invalid \`signature\` in \`thinking\` block`);
      }
      // This vendor never redacts, so that a redacted block can only be another's.
      if (block['type'] === 'redacted_thinking') {
        return invalidRequest(`messages.${index}.content.${at}: Invalid \`data\` in \`redacted_thinking\` block`);
      }
    }
  }
  const last = messages.at(-1);
  if (messages.find((message) => message['role'] !== 'system')?.['role'] !== 'user') {
    return invalidRequest('messages: first message must use the "user" role');
  }
  return last?.['role'] === 'assistant' && /\s$/.test(textOf(last['content']))
    ? invalidRequest('messages: final assistant content cannot end with trailing whitespace')
    : null;
};

const checkThinking = (body: JsonObject): AnthropicError | null => {
  const thinking = objectOf(body['thinking']);
  if (thinking['type'] !== 'enabled' && thinking['type'] !== 'adaptive') return null;
  const budget = numberOf(thinking['budget_tokens']);
  const bound = numberOf(body['max_tokens']);
  if (budget !== null && bound !== null && bound <= budget) {
    return invalidRequest('`max_tokens` must be greater than `thinking.budget_tokens`.');
  }
  const temperature = numberOf(body['temperature']);
  if (temperature !== null && temperature !== 1) {
    return invalidRequest('`temperature` may only be set to 1 when thinking is enabled.');
  }
  const forced = objectOf(body['tool_choice'])['type'];
  return forced === 'any' || forced === 'tool'
    ? invalidRequest('Thinking may not be enabled when tool_choice forces tool use.')
    : null;
};

const checkTools = (body: JsonObject): AnthropicError | null => {
  const names = toolsOf(body).map((tool) => tool.name);
  if (new Set(names).size !== names.length) return invalidRequest('tools: Tool names must be unique.');
  const choice = objectOf(body['tool_choice']);
  if (choice['type'] === 'tool' && !names.includes(stringOf(choice['name']))) {
    return invalidRequest(`Tool '${stringOf(choice['name'])}' not found in provided tools`);
  }
  if (body['tool_choice'] !== undefined && choice['type'] !== 'none' && names.length === 0) {
    return invalidRequest('tool_choice: `tool_choice` may only be specified while providing `tools`.');
  }
  return null;
};

const checkMembers = (body: JsonObject, betas: string): AnthropicError | null => {
  const has = (beta: string): boolean => betas.split(',').some((name) => name.trim().startsWith(beta));
  for (const [member, beta] of Object.entries(betaMembers)) {
    if (body[member] !== undefined && !has(beta)) return invalidRequest(`${member}: Extra inputs are not permitted`);
  }
  const turn = messagesOf(body).findIndex((message) => message['output_config'] !== undefined);
  if (turn >= 0 && !has(turnControlBeta)) {
    return invalidRequest(`messages.${turn}.output_config: Extra inputs are not permitted`);
  }
  if (listOf(body['stop_sequences']).some((stop) => stringOf(stop).trim() === '')) {
    return invalidRequest('stop_sequences: each stop sequence must contain non-whitespace');
  }
  const marks = partsOf(body).filter((part) => isJsonObject(part.cacheControl)).length;
  return marks > cacheMarksMax
    ? invalidRequest(`A maximum of ${cacheMarksMax} blocks with cache_control may be provided. Found ${marks}.`)
    : null;
};

/**
 * What the vendor refuses about a request whose shape is right; null where it takes it.
 * @param betas the `anthropic-beta` header
 */
export const checkMessages = (body: JsonObject, betas: string, signed: SignatureCheck): AnthropicError | null => {
  const messages = messagesOf(body);
  return (
    checkMembers(body, betas) ??
    checkTools(body) ??
    checkThinking(body) ??
    checkBlocks(messages, signed) ??
    checkToolPairs(messages)
  );
};
