import type { Seal } from '../../../vocabulary/index.ts';
import { markLetters } from '../../codec/sealMark.ts';

/** Whose proof a piece of `reasoning_details` carries (openrouter.ai/docs, "Preserving reasoning"), by wire. */
const wireOfFormat: ReadonlyMap<string, string> = new Map([
  ['anthropic-claude-v1', 'anthropic'],
  ['google-gemini-v1', 'gemini'],
  ['openai-responses-v1', 'responses'],
]);

const formatOfWire: ReadonlyMap<string, string> = new Map(
  Array.from(wireOfFormat, ([format, wire]) => [wire, format] as const),
);

/** Our mark of a seal stands behind the id of its piece: clients keep an id that they do not understand, but no member that they do not know. */
const markedId = new RegExp(`^(?:(.+)\\.)?archipel_([A-Za-z0-9]{${markLetters}})$`, 's');

/**
 * A format that is not known stands for itself, so that it finds its way back; without one, it is of this wire.
 * @param pieceId Of the piece; the vendors of responses want theirs back with its cipher.
 */
export const sealOf = (value: string, format: string | null, pieceId: string | null = null): Seal => {
  const wire = format === null ? 'openai' : (wireOfFormat.get(format) ?? format);
  const marked = pieceId === null ? null : markedId.exec(pieceId);
  const id = marked === null ? pieceId : (marked[1] ?? null);
  const mark = marked?.[2];
  return {
    wire,
    value,
    ...(wire === 'responses' && id !== null ? { id } : {}),
    ...(mark === undefined ? {} : { mark }),
  };
};

export const formatOf = ({ wire }: Seal): string => formatOfWire.get(wire) ?? wire;

/** @param mark Of the seal. */
export const pieceIdOf = ({ id }: Seal, mark: string): string => `${id === undefined ? '' : `${id}.`}archipel_${mark}`;
