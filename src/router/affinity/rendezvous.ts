const offset = 0x811c9dc5;
const prime = 0x01000193;

const mixed = (hash: number, text: string): number => {
  let mix = hash;
  for (let at = 0; at < text.length; at += 1) mix = Math.imul(mix ^ text.charCodeAt(at), prime);
  return mix;
};

/**
 * How near a target is to a conversation: of several equal ones the nearest is taken, so that replicas choose alike without a word, and a target that goes
 * or comes moves only its own conversations. 0 to 2^32 - 1, the same everywhere and always.
 */
export const rendezvous = (conversation: string, target: string): number => {
  let mix = mixed(mixed(mixed(offset, conversation), '\n'), target);
  // The last step of MurmurHash3: names that differ in their last letter alone are not neighbours.
  mix = Math.imul(mix ^ (mix >>> 16), 0x85ebca6b);
  mix = Math.imul(mix ^ (mix >>> 13), 0xc2b2ae35);
  return (mix ^ (mix >>> 16)) >>> 0;
};
