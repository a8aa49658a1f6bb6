import type { Result } from '../../../kernel/index.ts';
import type { GenerateRequest } from '../../../vocabulary/index.ts';
import { boundFor } from '../../codec/boundFor.ts';
import type { CodecTarget, Untranslatable, WrittenRequest } from '../../codec/Codec.ts';
import { pairedTurns } from '../../codec/pairedTurns.ts';
import { writeRequestBody } from '../../codec/writeRequestBody.ts';
import type { WritingNotes } from '../../codec/WritingNotes.ts';
import type { JsonObject } from '../../json/JsonObject.ts';
import { encodeFormat } from './encodeFormat.ts';
import { encodeMessages, encodeSystem, withEnds } from './encodeMessages.ts';
import { encodeReasoning } from './encodeReasoning.ts';
import { encodeSettings } from './encodeSettings.ts';
import { encodeTools } from './encodeTools.ts';
import { isOwn } from './sealOf.ts';
import { withFewMarks } from './withFewMarks.ts';

/** The bound where neither the caller nor the catalogue says one: every model of this wire can give so much. */
const outputTokensDefault = 4_096;

/** Writes a body of `/v1/messages` (@anthropic-ai/sdk 1.14.0, `MessageCreateParams`). */
export const encodeRequest = (request: GenerateRequest, target: CodecTarget): Result<WrittenRequest, Untranslatable> =>
  writeRequestBody(request, target, writeMembers);

const writeMembers = (request: GenerateRequest, notes: WritingNotes): JsonObject => {
  const bound = boundFor(request, notes) ?? notes.target.outputTokensMax ?? outputTokensDefault;
  const paired = pairedTurns(request.messages, isOwn, notes);
  const turns = withEnds(paired.turns, notes);
  const { thinking, effort } = encodeReasoning(request, bound, turns, notes);
  const { format, instruction } = encodeFormat(request.outputFormat, notes);
  const system = encodeSystem(request.messages, instruction, notes);
  const thinks = thinking !== null && thinking['type'] !== 'disabled';
  const config = { ...(effort === null ? {} : { effort }), ...(format === null ? {} : { format }) };
  const body = {
    model: request.model,
    max_tokens: bound,
    ...(request.stream ? { stream: true } : {}),
    ...(thinking === null ? {} : { thinking }),
    ...(Object.keys(config).length === 0 ? {} : { output_config: config }),
    ...encodeSettings(request, thinks, notes),
    ...encodeTools(request, turns, notes),
    ...(system === null ? {} : { system }),
    messages: encodeMessages({ turns, pairs: paired.pairs }, notes),
  };
  return withFewMarks(body, notes);
};
