import type { Seal } from '../../../vocabulary/index.ts';

/** Whose proof a piece of `reasoning_details` carries (openrouter.ai/docs, "Preserving reasoning"), by wire. */
const wireOfFormat: Readonly<Record<string, string>> = {
  'anthropic-claude-v1': 'anthropic',
  'google-gemini-v1': 'gemini',
};

const formatOfWire: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries(wireOfFormat).map(([format, wire]) => [wire, format]),
);

/** A format that is not known stands for itself, so that it finds its way back; without one, it is of this wire. */
export const sealOf = (value: string, format: string | null): Seal => ({
  wire: format === null ? 'openai' : (wireOfFormat[format] ?? format),
  value,
});

export const formatOf = ({ wire }: Seal): string => formatOfWire[wire] ?? wire;
