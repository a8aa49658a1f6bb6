import { failure, success, type Result } from '../../../kernel/index.ts';
import type { GenerateRequest } from '../../../vocabulary/index.ts';
import { isJsonObject, parseJson } from '../../json/JsonObject.ts';
import { utf8Text } from '../../utf8.ts';
import type { RequestFault } from '../../wire.ts';
import { decodeMessages } from './decodeMessages.ts';
import { decodeOutputBound, decodeOutputFormat, decodeReasoning, decodeStop, decodeTopK } from './decodeSettings.ts';
import { decodeToolChoice, decodeTools } from './decodeTools.ts';
import { noteOtherMembers } from './noteOtherMembers.ts';
import { ObjectReader } from './ObjectReader.ts';
import { RequestNotes } from './RequestNotes.ts';

/** Reads the body of a chat completion whole (openai 7.57.0, `ChatCompletionCreateParams`, and what vendors of its wire have added). */
export const decodeRequest = (body: Uint8Array): Result<GenerateRequest, RequestFault> => {
  const parsed = parseJson(utf8Text(body));
  if (parsed === undefined) return failure({ code: 'invalid_json', message: 'The body is not valid JSON.' });
  if (!isJsonObject(parsed)) return failure({ code: 'bad_request', message: 'The body must be a JSON object.' });
  const notes = new RequestNotes();
  const request = readMembers(new ObjectReader(parsed, '', notes));
  if (notes.fault !== null) return failure(notes.fault);
  return success({ ...request, hints: notes.hints, natives: notes.natives });
};

const readMembers = (request: ObjectReader): Omit<GenerateRequest, 'hints' | 'natives'> => {
  noteOtherMembers(request);
  if (!request.has('messages')) request.refuse('messages', 'is required and must be a list', null);
  return {
    model: request.requiredText('model'),
    stream: request.flag('stream') ?? false,
    messages: decodeMessages(request),
    tools: decodeTools(request),
    toolChoice: decodeToolChoice(request),
    parallelToolCalls: request.flag('parallel_tool_calls'),
    outputFormat: decodeOutputFormat(request),
    outputTokensMax: decodeOutputBound(request),
    temperature: request.number('temperature'),
    topP: request.number('top_p'),
    topK: decodeTopK(request),
    stopSequences: decodeStop(request),
    reasoning: decodeReasoning(request),
    endUser: request.text('safety_identifier') ?? request.text('user'),
  };
};
