import type { Result } from '../../../kernel/index.ts';
import type { GenerateRequest } from '../../../vocabulary/index.ts';
import { readRequestBody, type ReadMembers } from '../../codec/readRequestBody.ts';
import type { RequestFault } from '../../wire.ts';
import { decodeFormat } from './decodeFormat.ts';
import { decodeMessages, decodeSystem } from './decodeMessages.ts';
import { decodeReasoning } from './decodeReasoning.ts';
import { decodeSettings } from './decodeSettings.ts';
import { decodeTools } from './decodeTools.ts';
import { noteOtherMembers } from './noteOtherMembers.ts';

/**
 * Reads a body of `/v1/messages`, or of `/v1/messages/count_tokens`, which lacks `max_tokens`.
 * Source: @anthropic-ai/sdk 1.14.0, `MessageCreateParams` with its beta, and what recorded clients send.
 */
export const decodeRequest = (body: Uint8Array): Result<GenerateRequest, RequestFault> =>
  readRequestBody(body, (list, index) => `${list}.${index}`, readMembers);

const readMembers: ReadMembers = (request) => {
  noteOtherMembers(request);
  return {
    model: request.requiredText('model'),
    stream: request.flag('stream') ?? false,
    messages: [...decodeSystem(request), ...decodeMessages(request)],
    ...decodeTools(request),
    outputFormat: decodeFormat(request),
    ...decodeSettings(request),
    reasoning: decodeReasoning(request),
  };
};
