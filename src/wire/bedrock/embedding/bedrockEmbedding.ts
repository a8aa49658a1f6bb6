import type { EmbeddingTarget } from '../../codec/Codec.ts';
import { decodeAnswer } from './decodeAnswer.ts';
import { encodeRequest } from './encodeRequest.ts';

/** How the models of Bedrock are asked for vectors: by InvokeModel, each maker's in its own words. */
export const bedrockEmbedding: EmbeddingTarget = { encodeRequest, decodeAnswer };
