import type { EmbeddingClient } from '../../codec/Codec.ts';
import { decodeRequest } from './decodeRequest.ts';
import { encodeAnswer } from './encodeAnswer.ts';

/** The words of `/v1/embeddings`, for clients whose targets speak another wire. */
export const openaiEmbedding: EmbeddingClient = { decodeRequest, encodeAnswer };
