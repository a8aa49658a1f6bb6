import type { Codec } from '../../codec/Codec.ts';
import { openaiEmbedding } from '../embedding/openaiEmbedding.ts';
import { ChatDecoder } from './ChatDecoder.ts';
import { ChatEncoder } from './ChatEncoder.ts';
import { callIdRule } from './callIdRule.ts';
import { decodeAnswer } from './decodeAnswer.ts';
import { decodeRequest } from './decodeRequest.ts';
import { encodeAnswer } from './encodeAnswer.ts';
import { encodeRequest } from './encodeRequest.ts';

/** The words of chat completions, for standing in for another wire or being stood in for. */
export const openaiCodec: Codec = {
  decodeRequest,
  encodeRequest,
  decodeAnswer,
  encodeAnswer,
  decodeStream: (facts) => new ChatDecoder(facts),
  encodeStream: (frame) => new ChatEncoder(frame),
  callIds: callIdRule,
  embeddingClient: openaiEmbedding,
};
