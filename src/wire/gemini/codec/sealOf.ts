import type { Seal } from '../../../vocabulary/index.ts';

/** The name under which seals and stored files of this wire are kept. */
export const ownWire = 'gemini';

/** Wraps a thought signature: opaque, kept bit for bit. */
export const sealOf = (value: string): Seal => ({ wire: ownWire, value });

/** Whether a seal or a stored file comes from this wire: only then does it mean anything here. */
export const isOwn = (holder: { readonly wire: string }): boolean => holder.wire === ownWire;
