import { failure, success, type Result } from '../../../kernel/index.ts';
import type { GenerateRequest } from '../../../vocabulary/index.ts';
import { isJsonObject, parseJson, type JsonObject } from '../../json/JsonObject.ts';
import { utf8Text } from '../../utf8.ts';
import type { RequestFault } from '../../wire.ts';
import { decodeMessages, decodeSystem } from './decodeMessages.ts';
import { decodeOutputFormat, decodeReasoning } from './decodeReasoning.ts';
import { decodeToolChoice, decodeTools } from './decodeTools.ts';
import { RequestReading } from './RequestReading.ts';

const readMembers = [
  'model',
  'messages',
  'system',
  'stream',
  'tools',
  'tool_choice',
  'max_tokens',
  'temperature',
  'top_p',
  'top_k',
  'stop_sequences',
  'thinking',
  'output_config',
  'output_format',
  'metadata',
  'context_management',
];

/**
 * Members that only tune or label: where the prompt is cached by default, how much priority and speed are paid for, what is told about
 * cache misses, and which of the vendor's models step in, with what credit, when one refuses (elsewhere the answer is the refusal).
 * Where the data may go (`inference_geo`) and who pays (`billing_policy`) are promises, so they are none of these.
 */
const hintMembers = ['cache_control', 'service_tier', 'speed', 'diagnostics', 'fallbacks', 'fallback_credit_token'];

const knownMembers = new Set([...readMembers, ...hintMembers]);

/**
 * Reads a body of `/v1/messages`, or of `/v1/messages/count_tokens`, which lacks `max_tokens`.
 * Source: @anthropic-ai/sdk 1.14.0, `MessageCreateParams` with its beta, and what recorded clients send.
 */
export const decodeRequest = (body: Uint8Array): Result<GenerateRequest, RequestFault> => {
  const parsed = parseJson(utf8Text(body));
  if (!isJsonObject(parsed)) return failure({ code: 'invalid_json', message: 'The body must be a JSON object.' });
  const reading = new RequestReading();
  const request = readRequest(reading, parsed);
  if (reading.fault !== null) return failure(reading.fault);
  return success({ ...request, hints: reading.hints, natives: reading.natives });
};

const readRequest = (reading: RequestReading, body: JsonObject): Omit<GenerateRequest, 'hints' | 'natives'> => {
  reading.unknownMembers(body, knownMembers, '');
  for (const name of hintMembers) if (isSet(body[name])) reading.hint(name);
  noteContextEdits(reading, body);
  return {
    model: reading.text(body, 'model', ''),
    stream: reading.flag(body, 'stream', '') ?? false,
    messages: [...decodeSystem(reading, body), ...decodeMessages(reading, body)],
    tools: decodeTools(reading, body),
    ...decodeToolChoice(reading, body),
    outputFormat: decodeOutputFormat(reading, body),
    outputTokensMax: outputBound(reading, body),
    temperature: reading.number(body, 'temperature', ''),
    topP: reading.number(body, 'top_p', ''),
    topK: reading.count(body, 'top_k', ''),
    stopSequences: stopSequences(reading, body),
    reasoning: decodeReasoning(reading, body),
    endUser: endUser(reading, body),
  };
};

const isSet = (value: unknown): boolean => value !== undefined && value !== null;

/** Edits that clear old thinking or tool results away only save room; others (compaction) answer with blocks that must come back. */
const noteContextEdits = (reading: RequestReading, body: JsonObject): void => {
  const management = reading.object(body, 'context_management', '');
  if (management === null) return;
  reading.hint('context_management');
  reading.unknownMembers(management, new Set(['edits']), 'context_management');
  for (const [edit, path] of reading.objects(management, 'edits', 'context_management')) {
    const type = reading.text(edit, 'type', path);
    if (!type.startsWith('clear_')) reading.native(`context_management.${type}`);
  }
};

/** A bound of 0 fills the vendor's prompt cache and answers nothing. */
const outputBound = (reading: RequestReading, body: JsonObject): number | null => {
  const bound = reading.count(body, 'max_tokens', '');
  if (bound === 0) reading.native('max_tokens');
  return bound;
};

const stopSequences = (reading: RequestReading, body: JsonObject): readonly string[] =>
  reading
    .list(body, 'stop_sequences', '')
    .map((stop, index) =>
      typeof stop === 'string' ? stop : reading.refuse(`stop_sequences.${index}`, 'a string', ''),
    );

const endUser = (reading: RequestReading, body: JsonObject): string | null => {
  const metadata = reading.object(body, 'metadata', '');
  if (metadata === null) return null;
  for (const name of Object.keys(metadata)) if (name !== 'user_id') reading.hint(`metadata.${name}`);
  return reading.optionalText(metadata, 'user_id', 'metadata');
};
