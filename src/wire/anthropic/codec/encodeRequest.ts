import { failure, success, type Result } from '../../../kernel/index.ts';
import type { GenerateRequest } from '../../../vocabulary/index.ts';
import { utf8Bytes } from '../../utf8.ts';
import type { CodecTarget, Untranslatable, WrittenRequest } from '../../codec.ts';
import { encodeFormat } from './encodeFormat.ts';
import { encodeSystem, encodeTurns, withEnds } from './encodeMessages.ts';
import { encodeSampling } from './encodeSampling.ts';
import { encodeThinking } from './encodeThinking.ts';
import { encodeTools } from './encodeTools.ts';
import { pairedTurns } from './pairedTurns.ts';
import { RequestWriting, type Written } from './RequestWriting.ts';

/** The bound where neither the caller nor the catalogue says one: every model of this wire can give so much. */
const outputTokensDefault = 4_096;

/** Longest `metadata.user_id`, in characters. */
const userIdLengthMax = 256;

/** Writes a body of `/v1/messages`. */
export const encodeRequest = (
  request: GenerateRequest,
  target: CodecTarget,
): Result<WrittenRequest, Untranslatable> => {
  const writing = new RequestWriting(target);
  const body = writeBody(writing, request);
  if (writing.fault !== null) return failure(writing.fault);
  writing.trimMarks();
  return success({ body: utf8Bytes(JSON.stringify(body)), dropped: writing.dropped });
};

const writeBody = (writing: RequestWriting, request: GenerateRequest): Written => {
  const bound = outputBound(writing, request);
  const turns = withEnds(writing, pairedTurns(writing, request.messages));
  const { thinking, effort } = encodeThinking(writing, request, bound, turns);
  const { format, instruction } = encodeFormat(writing, request.outputFormat);
  // In the order in which the vendor reads them, since marks for the cache are counted so.
  const { tools, toolChoice } = encodeTools(writing, request, turns);
  const system = encodeSystem(writing, request.messages, instruction);
  const messages = encodeTurns(writing, turns);
  const thinks = thinking !== null && thinking['type'] !== 'disabled';
  const config = { ...(effort === null ? {} : { effort }), ...(format === null ? {} : { format }) };
  return {
    model: request.model,
    max_tokens: bound,
    ...(request.stream ? { stream: true } : {}),
    ...(thinking === null ? {} : { thinking }),
    ...(Object.keys(config).length === 0 ? {} : { output_config: config }),
    ...encodeSampling(writing, request, thinks),
    ...stopSequences(writing, request),
    ...metadata(writing, request),
    ...(tools.length === 0 ? {} : { tools }),
    ...(toolChoice === null ? {} : { tool_choice: toolChoice }),
    ...(system === null ? {} : { system }),
    messages,
  };
};

/** A bound is required here. One beyond what the model can give is refused, and would never be met. */
const outputBound = (writing: RequestWriting, { outputTokensMax }: GenerateRequest): number => {
  const possible = writing.target.outputTokensMax;
  if (outputTokensMax === null) return possible ?? outputTokensDefault;
  if (possible === null || outputTokensMax <= possible) return outputTokensMax;
  writing.drop('max_tokens');
  return possible;
};

/** "stop_sequences: each stop sequence must contain non-whitespace" */
const stopSequences = (writing: RequestWriting, request: GenerateRequest): Written => {
  const sequences = request.stopSequences.filter((sequence) => sequence.trim() !== '');
  if (sequences.length < request.stopSequences.length) writing.drop('stop');
  return sequences.length === 0 ? {} : { stop_sequences: sequences };
};

const metadata = (writing: RequestWriting, { endUser }: GenerateRequest): Written => {
  if (endUser === null || endUser === '') return {};
  if (endUser.length <= userIdLengthMax && !writing.lacks('metadata')) return { metadata: { user_id: endUser } };
  writing.drop('user');
  return {};
};
