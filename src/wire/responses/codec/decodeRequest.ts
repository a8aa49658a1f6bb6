import type { Result } from '../../../kernel/index.ts';
import type { GenerateRequest, Message } from '../../../vocabulary/index.ts';
import type { ObjectReader } from '../../codec/ObjectReader.ts';
import { readRequestBody, type ReadMembers } from '../../codec/readRequestBody.ts';
import type { RequestFault } from '../../wire.ts';
import { decodeFormat } from './decodeFormat.ts';
import { decodeInput } from './decodeInput.ts';
import { decodeReasoning } from './decodeReasoning.ts';
import { decodeTools } from './decodeTools.ts';
import { noteOtherMembers } from './noteOtherMembers.ts';
import { ToolNames } from './ToolNames.ts';
import { requestCeilingsMax } from '../../request/RequestCeilings.ts';

/** Reads the body of a request for a response whole (openai 7.57.0, `ResponseCreateParams`, and what Codex adds). */
export const decodeRequest = (body: Uint8Array): Result<GenerateRequest, RequestFault> =>
  readRequestBody(body, (list, index) => `${list}[${index}]`, readMembers);

const readMembers: ReadMembers = (request) => {
  noteOtherMembers(request);
  const names = new ToolNames(request.objects('tools'));
  return {
    model: request.requiredText('model'),
    stream: request.flag('stream') ?? false,
    messages: [...decodeInstructions(request), ...decodeInput(request, names)],
    ...decodeTools(request, names),
    outputFormat: decodeFormat(request),
    outputTokensMax: request.count('max_output_tokens', 1, requestCeilingsMax.outputTokens),
    temperature: request.number('temperature'),
    topP: request.number('top_p'),
    topK: null,
    stopSequences: [],
    reasoning: decodeReasoning(request),
    endUser: request.text('safety_identifier') ?? request.text('user'),
  };
};

const decodeInstructions = (request: ObjectReader): readonly Message[] => {
  const text = request.text('instructions') ?? '';
  return text === '' ? [] : [{ role: 'system', content: [{ type: 'text', text }] }];
};
