import type { Result } from '../../../kernel/index.ts';
import type { GenerateRequest } from '../../../vocabulary/index.ts';
import type { CodecTarget, Untranslatable, WrittenRequest } from '../../codec/Codec.ts';
import { fitTarget, type Tuning } from '../../codec/fitTarget.ts';
import { writeRequestBody } from '../../codec/writeRequestBody.ts';
import type { WritingNotes } from '../../codec/WritingNotes.ts';
import type { JsonObject } from '../../json/JsonObject.ts';
import { begunAnswer } from './begunAnswer.ts';
import { encodeFormat } from './encodeFormat.ts';
import { encodeMessages } from './encodeMessages.ts';
import { encodeReasoning } from './encodeReasoning.ts';
import { encodeSettings } from './encodeSettings.ts';
import { encodeTools } from './encodeTools.ts';

/**
 * Writes a request as OpenAI takes it (openai 7.57.0, `ChatCompletionCreateParams`); where its kin are narrower, in the words that all of them
 * take.
 */
export const encodeRequest = (request: GenerateRequest, target: CodecTarget): Result<WrittenRequest, Untranslatable> =>
  writeRequestBody(request, target, writeMembers);

const tuning: Tuning = {
  told: { temperature: 'temperature', top_p: 'top_p', reasoning_effort: 'reasoning', user: 'user' },
  bound: 'max_completion_tokens',
  olderBound: 'max_tokens',
};

const writeMembers = (request: GenerateRequest, notes: WritingNotes): JsonObject => {
  const { messages, members } = begunAnswer(encodeMessages(request.messages, notes), notes);
  const body = {
    model: request.model,
    messages,
    ...members,
    ...(request.stream ? { stream: true } : {}),
    ...encodeTools(request, notes),
    ...encodeSettings(request, notes),
    ...encodeFormat(request.outputFormat, notes),
    ...encodeReasoning(request.reasoning, notes),
  };
  return fitTarget(body, tuning, notes);
};
