import type { Result } from '../../../kernel/index.ts';
import type { GenerateRequest } from '../../../vocabulary/index.ts';
import { readRequestBody, type ReadMembers } from '../../codec/readRequestBody.ts';
import type { RequestFault } from '../../wire.ts';
import { decodeFormat } from './decodeFormat.ts';
import { decodeMessages } from './decodeMessages.ts';
import { decodeReasoning } from './decodeReasoning.ts';
import { decodeSettings } from './decodeSettings.ts';
import { decodeTools } from './decodeTools.ts';
import { noteOtherMembers } from './noteOtherMembers.ts';

/** Reads the body of a chat completion whole (openai 7.57.0, `ChatCompletionCreateParams`, and what vendors of its wire have added). */
export const decodeRequest = (body: Uint8Array): Result<GenerateRequest, RequestFault> =>
  readRequestBody(body, (list, index) => `${list}[${index}]`, readMembers);

const readMembers: ReadMembers = (request) => {
  noteOtherMembers(request);
  if (!request.has('messages')) request.refuse('messages', 'is required and must be a list', null);
  return {
    model: request.requiredText('model'),
    stream: request.flag('stream') ?? false,
    messages: decodeMessages(request),
    ...decodeTools(request),
    outputFormat: decodeFormat(request),
    ...decodeSettings(request),
    reasoning: decodeReasoning(request),
  };
};
