import type { Chance } from './Chance.ts';
import { checksum } from './eventMessages.ts';

/** Bytes that mean something where formats are read. */
const telling = Buffer.from('{}[]:,"\\\n\r 0-9eE\0\xff\x80du', 'latin1');

const anyByte = (chance: Chance): number =>
  chance.happens(0.5) ? chance.below(256) : telling[chance.below(telling.length)]!;

/** A few bytes that are changed, put in, taken out or said twice, or an end that is missing. */
export const mutateBytes = (bytes: Uint8Array, chance: Chance): Buffer => {
  let mutant = Buffer.from(bytes);
  for (let edits = 1 + chance.below(4); edits > 0; edits--) {
    const at = chance.below(mutant.length + 1);
    const length = 1 + chance.below(chance.happens(0.9) ? 8 : 200);
    const [before, after] = [mutant.subarray(0, at), mutant.subarray(at)];
    switch (chance.below(5)) {
      case 0:
        mutant = Buffer.concat([before, Buffer.from([anyByte(chance)]), after.subarray(1)]);
        break;
      case 1:
        mutant = Buffer.concat([before, Buffer.from([anyByte(chance)]), after]);
        break;
      case 2:
        mutant = Buffer.concat([before, after.subarray(length)]);
        break;
      case 3:
        mutant = Buffer.concat([before, after.subarray(0, length), after]);
        break;
      default:
        if (chance.happens(0.2)) mutant = Buffer.from(before);
    }
  }
  return mutant;
};

const preludeBytes = 12;
const checksumBytes = 4;

/** Changes bytes within messages of an event stream and makes their checksums right again, so that what reads the payload gets to see them. */
export const mutateMessages = (bytes: Uint8Array, chance: Chance): Buffer => {
  const mutant = Buffer.from(bytes);
  const share = 0.2;
  for (let at = 0; at < mutant.length; at += mutant.readUInt32BE(at)) {
    const end = at + mutant.readUInt32BE(at) - checksumBytes;
    const begin = at + preludeBytes;
    if (end <= begin || !chance.happens(share)) continue;
    for (let edits = 1 + chance.below(3); edits > 0; edits--)
      mutant[begin + chance.below(end - begin)] = anyByte(chance);
    mutant.writeUInt32BE(checksum(mutant.subarray(at, end)), end);
  }
  return mutant;
};
