import { isJsonObject, listOf, objectOf, stringOf } from '../json.ts';
import type { JsonObject } from '../json.ts';
import type { Refusal } from '../vendor/VendorWire.ts';
import { chatCalls, chatMessages, chatTools } from './chatParts.ts';
import { badRequest } from './openaiRefusal.ts';
import { unsupportedParameters } from './openaiSchemas.ts';

/** Every call is answered by a tool message right after it, and every tool message answers a call. */
const checkToolMessages = (messages: readonly JsonObject[]): Refusal | null => {
  let open = new Set<string>();
  for (const [index, message] of messages.entries()) {
    if (message['role'] === 'tool') {
      if (!open.delete(stringOf(message['tool_call_id']))) {
        return badRequest(
          "Invalid parameter: messages with role 'tool' must be a response to a preceeding message with 'tool_calls'.",
          `messages.[${index}].role`,
        );
      }
      continue;
    }
    if (open.size > 0) break;
    open = new Set(chatCalls(message).map((call) => stringOf(call['id'])));
  }
  if (open.size === 0) return null;
  return badRequest(
    `An assistant message with 'tool_calls' must be followed by tool messages responding to each 'tool_call_id'. The following tool_call_ids did not have response messages: ${[...open].join(', ')}`,
    'messages',
  );
};

const checkContents = (messages: readonly JsonObject[]): Refusal | null => {
  const index = messages.findIndex(
    (message) =>
      message['role'] === 'assistant' &&
      (message['content'] === null || message['content'] === undefined) &&
      chatCalls(message).length === 0 &&
      typeof message['refusal'] !== 'string',
  );
  if (index < 0) return null;
  return badRequest("Invalid value for 'content': expected a string, got null.", `messages.[${index}].content`);
};

/** A strict schema is closed, and demands each of its properties. */
const openPlace = (schema: unknown, place: readonly string[] = []): string | null => {
  if (!isJsonObject(schema)) return null;
  const properties = objectOf(schema['properties']);
  const context = `In context=(${place.map((step) => `'${step}'`).join(', ')})`;
  if (schema['type'] === 'object') {
    if (schema['additionalProperties'] !== false) {
      return `${context}, 'additionalProperties' is required to be supplied and to be false.`;
    }
    const missing = Object.keys(properties).find((name) => !listOf(schema['required']).includes(name));
    if (missing !== undefined) {
      return `${context}, 'required' is required to be supplied and to be an array including every key in properties. Missing '${missing}'.`;
    }
  }
  for (const [name, property] of Object.entries(properties)) {
    const found = openPlace(property, [...place, 'properties', name]);
    if (found !== null) return found;
  }
  return openPlace(schema['items'], [...place, 'items']);
};

const checkStrict = (body: JsonObject): Refusal | null => {
  for (const [index, tool] of listOf(body['tools'])
    .map((entry) => objectOf(objectOf(entry)['function']))
    .entries()) {
    const open = tool['strict'] === true ? openPlace(tool['parameters']) : null;
    if (open !== null) {
      return badRequest(
        `Invalid schema for function '${stringOf(tool['name'])}': ${open}`,
        `tools[${index}].function.parameters`,
        'invalid_function_parameters',
      );
    }
  }
  const format = objectOf(objectOf(body['response_format'])['json_schema']);
  const open = format['strict'] === true ? openPlace(format['schema']) : null;
  if (open === null) return null;
  return badRequest(`Invalid schema for response_format '${stringOf(format['name'])}': ${open}`, 'response_format');
};

const isSet = (value: unknown): boolean => value !== undefined && value !== null;

const checkParameters = (body: JsonObject): Refusal | null => {
  const unsupported = unsupportedParameters.find((name) => isSet(body[name]));
  if (unsupported !== undefined || body['logprobs'] === true || listOf(body['modalities']).includes('audio')) {
    const name = unsupported ?? (body['logprobs'] === true ? 'logprobs' : 'modalities');
    return badRequest(
      `Unsupported parameter: '${name}' is not supported with this model.`,
      name,
      'unsupported_parameter',
    );
  }
  if (isSet(body['stream_options']) && body['stream'] !== true) {
    return badRequest("The 'stream_options' parameter is only allowed when 'stream' is enabled.", 'stream_options');
  }
  if (isSet(body['max_tokens']) && isSet(body['max_completion_tokens'])) {
    return badRequest(
      "Setting 'max_tokens' and 'max_completion_tokens' at the same time is not supported.",
      'max_tokens',
      'invalid_parameter_combination',
    );
  }
  for (const name of ['tool_choice', 'parallel_tool_calls']) {
    if (isSet(body[name]) && !isSet(body['tools'])) {
      return badRequest(`Invalid value for '${name}': '${name}' is only allowed when 'tools' are specified.`, name);
    }
  }
  const named = stringOf(objectOf(objectOf(body['tool_choice'])['function'])['name']);
  if (named !== '' && !chatTools(body).some((tool) => tool.name === named)) {
    return badRequest(`Tool choice '${named}' not found in 'tools' parameter.`, 'tool_choice');
  }
  return null;
};

/** What the vendor refuses about a chat whose shape is right; null where it takes it. */
export const checkChat = (body: JsonObject): Refusal | null => {
  const messages = chatMessages(body);
  return checkParameters(body) ?? checkContents(messages) ?? checkToolMessages(messages) ?? checkStrict(body);
};
