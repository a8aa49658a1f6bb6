import type { Result } from '../../../kernel/index.ts';
import type { GenerateRequest } from '../../../vocabulary/index.ts';
import { ObjectReader } from '../../codec/ObjectReader.ts';
import { readRequestBody } from '../../codec/readRequestBody.ts';
import type { PathWords, RequestFault } from '../../wire.ts';
import { camelCased } from './camelCased.ts';
import { decodeContents, decodeSystem } from './decodeContents.ts';
import { decodeFormat } from './decodeFormat.ts';
import { decodeReasoning } from './decodeReasoning.ts';
import { decodeSettings } from './decodeSettings.ts';
import { decodeTools } from './decodeTools.ts';
import { noteOtherMembers } from './noteOtherMembers.ts';

/**
 * Reads a body of `:generateContent`, `:streamGenerateContent` or `:countTokens`, which may wrap the whole request.
 * Source: @google/genai 3.3.0, `GenerateContentParameters`, and what recorded clients send.
 */
export const decodeRequest = (
  body: Uint8Array,
  words: PathWords | null = null,
): Result<GenerateRequest, RequestFault> =>
  readRequestBody(
    body,
    (list, index) => `${list}[${index}]`,
    ({ object, notes }) => {
      const outer = new ObjectReader(camelCased(object), '', notes);
      const request = outer.nested('generateContentRequest') ?? outer;
      const config = request.nested('generationConfig') ?? new ObjectReader({}, 'generationConfig', notes);
      noteOtherMembers(request, config);
      return {
        model: words?.model ?? '',
        stream: words?.stream ?? false,
        messages: [...decodeSystem(request), ...decodeContents(request)],
        ...decodeTools(request),
        outputFormat: decodeFormat(config),
        ...decodeSettings(config),
        reasoning: decodeReasoning(config),
      };
    },
  );
