import type { Result } from '../../../kernel/index.ts';
import type { GenerateRequest } from '../../../vocabulary/index.ts';
import type { CodecTarget, Untranslatable, WrittenRequest } from '../../codec/Codec.ts';
import { pairedTurns } from '../../codec/pairedTurns.ts';
import { withOpening } from '../../codec/withOpening.ts';
import { writeRequestBody } from '../../codec/writeRequestBody.ts';
import type { WritingNotes } from '../../codec/WritingNotes.ts';
import type { JsonObject } from '../../json/JsonObject.ts';
import { encodeContents, encodeSystem } from './encodeContents.ts';
import { encodeFormat } from './encodeFormat.ts';
import { encodeReasoning } from './encodeReasoning.ts';
import { encodeSettings } from './encodeSettings.ts';
import { encodeTools } from './encodeTools.ts';
import { isOwn } from './sealOf.ts';

/** Writes a body of `:generateContent` (@google/genai 3.3.0, `GenerateContentParameters`); model and stream stand in the path. */
export const encodeRequest = (request: GenerateRequest, target: CodecTarget): Result<WrittenRequest, Untranslatable> =>
  writeRequestBody(request, target, writeMembers);

const writeMembers = (request: GenerateRequest, notes: WritingNotes): JsonObject => {
  const paired = pairedTurns(request.messages, isOwn, notes);
  const turns = withOpening(paired.turns, notes);
  const { config, instruction } = encodeFormat(request, notes);
  const system = encodeSystem(request.messages, instruction, notes);
  const generationConfig = {
    ...encodeSettings(request, notes),
    ...config,
    ...encodeReasoning(request.reasoning, notes),
  };
  return {
    contents: encodeContents({ turns, pairs: paired.pairs }, notes),
    ...(system === null ? {} : { systemInstruction: system }),
    ...encodeTools(request, notes),
    ...(Object.keys(generationConfig).length === 0 ? {} : { generationConfig }),
  };
};
