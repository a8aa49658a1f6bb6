import type { Seal } from '../../../vocabulary/index.ts';
import type { JsonObject } from '../../json/JsonObject.ts';
import { formatOf } from './sealOf.ts';

/**
 * A block of thinking as an entry of `reasoning_details`: whole, so that a client that keeps the entries as they come can send them back.
 * @param index Number of the block, so that clients that merge pieces by it keep blocks apart.
 */
export const reasoningDetail = (index: number, text: string, seal: Seal | null): JsonObject => ({
  type: 'reasoning.text',
  text,
  ...(seal === null ? {} : { signature: seal.value, ...originOf(seal) }),
  index,
});

export const redactedDetail = (index: number, seal: Seal): JsonObject => ({
  type: 'reasoning.encrypted',
  data: seal.value,
  ...originOf(seal),
  index,
});

/** Whose seal it is, and the vendor's own id of what it seals, where it wants that back. */
const originOf = (seal: Seal): JsonObject => ({
  format: formatOf(seal),
  ...(seal.id === undefined ? {} : { id: seal.id }),
});
