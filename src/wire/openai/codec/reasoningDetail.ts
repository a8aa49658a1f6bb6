import type { Seal } from '../../../vocabulary/index.ts';
import type { AnswerFrame } from '../../codec/Codec.ts';
import { sealMark } from '../../codec/sealMark.ts';
import type { JsonObject } from '../../json/JsonObject.ts';
import { formatOf, pieceIdOf } from './sealOf.ts';

/**
 * A block of thinking as an entry of `reasoning_details`: whole, so that a client that keeps the entries as they come can send them back.
 * @param index Number of the block, so that clients that merge pieces by it keep blocks apart.
 */
export const reasoningDetail = (index: number, text: string, seal: Seal | null, frame: AnswerFrame): JsonObject => ({
  type: 'reasoning.text',
  text,
  ...(seal === null ? {} : { signature: seal.value, ...originOf(seal, frame) }),
  index,
});

export const redactedDetail = (index: number, seal: Seal, frame: AnswerFrame): JsonObject => ({
  type: 'reasoning.encrypted',
  data: seal.value,
  ...originOf(seal, frame),
  index,
});

/** Whose seal it is: its wire, and who of it can open it, with the vendor's own id of what it seals, where it wants that back. */
const originOf = (seal: Seal, { sealedAt }: AnswerFrame): JsonObject => ({
  format: formatOf(seal),
  id: pieceIdOf(seal, sealMark(seal, sealedAt)),
});
