import type { UpstreamCodec } from '../../codec/Codec.ts';
import { bedrockEmbedding } from '../embedding/bedrockEmbedding.ts';
import { ConverseDecoder } from './ConverseDecoder.ts';
import { decodeAnswer } from './decodeAnswer.ts';
import { encodeRequest } from './encodeRequest.ts';

/** The words of the Converse API, towards targets. */
export const bedrockCodec: UpstreamCodec = {
  encodeRequest,
  decodeAnswer,
  decodeStream: (facts) => new ConverseDecoder(facts.model),
  embeddingTarget: bedrockEmbedding,
};
