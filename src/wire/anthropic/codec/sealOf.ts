import type { Seal } from '../../../vocabulary/index.ts';
import { handedSeal, isHandedSeal, readHandedSeal } from '../../codec/handedSeal.ts';
import type { SealPlace } from '../../codec/Codec.ts';

/** The name under which seals and stored files of this wire are kept. */
export const ownWire = 'anthropic';

/** Wraps a signature or the data of a redacted block: opaque, kept bit for bit. */
export const sealOf = (value: string): Seal => ({ wire: ownWire, value });

/** Whether a seal or a stored file comes from this wire: only then does it mean anything here. */
export const isOwn = (holder: { readonly wire: string }): boolean => holder.wire === ownWire;

/** What a client keeps of a seal as a signature or as the data of a redacted block: the seal itself, or another vendor's with whose it is. */
export const keptText = (seal: Seal, place: SealPlace): string => (isOwn(seal) ? seal.value : handedSeal(seal, place));

/** The seal in what a client brings back; null where there is none, or a damaged one of another vendor's. */
export const sealIn = (text: string): Seal | null => {
  if (text === '') return null;
  return isHandedSeal(text) ? readHandedSeal(text) : sealOf(text);
};
