import type { Seal } from '../../../vocabulary/index.ts';

/** Whose proof a piece of `reasoning_details` carries (openrouter.ai/docs, "Preserving reasoning"), by wire. */
const wireOfFormat: ReadonlyMap<string, string> = new Map([
  ['anthropic-claude-v1', 'anthropic'],
  ['google-gemini-v1', 'gemini'],
  ['openai-responses-v1', 'responses'],
]);

const formatOfWire: ReadonlyMap<string, string> = new Map(
  Array.from(wireOfFormat, ([format, wire]) => [wire, format] as const),
);

/**
 * A format that is not known stands for itself, so that it finds its way back; without one, it is of this wire.
 * @param id Of the piece, which the vendors of responses want back with its cipher.
 */
export const sealOf = (value: string, format: string | null, id: string | null = null): Seal => {
  const wire = format === null ? 'openai' : (wireOfFormat.get(format) ?? format);
  return { wire, value, ...(wire === 'responses' && id !== null ? { id } : {}) };
};

export const formatOf = ({ wire }: Seal): string => formatOfWire.get(wire) ?? wire;
