import { failure, success, type Result } from '../../../kernel/index.ts';
import type { GenerateRequest } from '../../../vocabulary/index.ts';
import type { CodecTarget, Untranslatable, WrittenRequest } from '../../codec.ts';
import { utf8Bytes } from '../../utf8.ts';
import { encodeMessages } from './encodeMessages.ts';
import { encodeSettings } from './encodeSettings.ts';
import { encodeTools } from './encodeTools.ts';
import { fitTarget } from './fitTarget.ts';
import { WritingNotes } from './WritingNotes.ts';

/**
 * Writes a request as OpenAI takes it (openai 7.57.0, `ChatCompletionCreateParams`); where its kin are narrower, in the words that all of them
 * take.
 */
export const encodeRequest = (
  request: GenerateRequest,
  target: CodecTarget,
): Result<WrittenRequest, Untranslatable> => {
  const notes = new WritingNotes(request.hints);
  const body = fitTarget(
    {
      model: request.model,
      messages: encodeMessages(request.messages, notes),
      ...(request.stream ? { stream: true } : {}),
      ...encodeTools(request, notes),
      ...encodeSettings(request, target, notes),
    },
    target,
    notes,
  );
  if (notes.fault !== null) return failure(notes.fault);
  return success({ body: utf8Bytes(JSON.stringify(body)), dropped: notes.dropped });
};
