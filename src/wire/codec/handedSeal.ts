import type { Seal } from '../../vocabulary/index.ts';
import type { SealPlace } from './Codec.ts';
import { markLetters, sealMark } from './sealMark.ts';

/** Begins every seal that is kept by clients whose wire has one place only for what they do not understand. */
export const handedBeginning = 'archipel:';

/** Whose it is, its mark, and the vendor's id of it; the older form has the first only. */
const head = new RegExp(`^archipel:([^:@]*)(?:@([A-Za-z0-9]{${markLetters}})(?:\\.([^:]*))?)?:`);

/**
 * A seal as a client of another wire keeps it and brings it back: `archipel:<wire>@<mark>.<id>:<value>`, the id where there is one. The value is as it was.
 * @param place Where it was made.
 */
export const handedSeal = (seal: Seal, place: SealPlace): string => {
  const id = seal.id === undefined ? '' : `.${escaped(seal.id)}`;
  return `${handedBeginning}${escaped(seal.wire)}@${sealMark(seal, place)}${id}:${seal.value}`;
};

/** Whether a text was written by `handedSeal`, damaged or not: to every vendor it would be a seal of somebody else. */
export const isHandedSeal = (text: string): boolean => text.startsWith(handedBeginning);

/** The seal in a text that `isHandedSeal`; null where it is damaged. */
export const readHandedSeal = (text: string): Seal | null => {
  const found = head.exec(text);
  if (found === null) return null;
  const [beginning, wire, mark, id] = found;
  const read = unescaped(wire ?? '');
  const readId = id === undefined ? null : unescaped(id);
  if (read === null || (id !== undefined && readId === null)) return null;
  return {
    wire: read,
    value: text.slice(beginning.length),
    ...(readId === null ? {} : { id: readId }),
    ...(mark === undefined ? {} : { mark }),
  };
};

const escaped = (name: string): string => encodeURIComponent(name.toWellFormed());

const unescaped = (name: string): string | null => {
  try {
    return decodeURIComponent(name);
  } catch {
    return null;
  }
};
