import type { EmbedRequest } from '../../vocabulary/index.ts';
import type { AnswerFrame } from '../codec/Codec.ts';

/** How vectors are shown to the client who asked for them. Plain data: one thread may tell another. */
export interface VectorFrame
  extends Pick<EmbedRequest, 'model' | 'encoding' | 'dimensions'>, Pick<AnswerFrame, 'inputEstimateTokens'> {
  /** How many texts there are: each has a vector. */
  readonly texts: number;
}
