import type { Codec } from '../../codec/Codec.ts';
import { geminiEmbedding } from '../embedding/geminiEmbedding.ts';
import { callIdRule } from './callIdRule.ts';
import { decodeAnswer } from './decodeAnswer.ts';
import { decodeRequest } from './decodeRequest.ts';
import { encodeAnswer } from './encodeAnswer.ts';
import { encodeRequest } from './encodeRequest.ts';
import { GenerateDecoder } from './GenerateDecoder.ts';
import { GenerateEncoder } from './GenerateEncoder.ts';

/** The words of Google's Generative Language API, both ways. */
export const geminiCodec: Codec = {
  decodeRequest,
  encodeRequest,
  decodeAnswer,
  encodeAnswer,
  decodeStream: () => new GenerateDecoder(),
  encodeStream: (frame) => new GenerateEncoder(frame),
  callIds: callIdRule,
  embeddingTarget: geminiEmbedding,
};
