import type { Secret } from '../kernel/index.ts';

const mark = '[secret]';

const inJson = (text: string): string => JSON.stringify(text).slice(1, -1);

/** The ways in which who repeats a text in an error writes it: also in JSON within JSON, and in an address. */
const spellings = (text: string): Set<string> =>
  new Set([text, inJson(text), inJson(inJson(text)), encodeURIComponent(text)]);

/**
 * The bytes of a refusal without our credentials, which vendors repeat in it: whatever is made of them, for clients, logs and the ledger, does
 * not hold them. The same bytes where none is in them, and then nothing is copied.
 */
export const withoutSecrets = (bytes: Buffer, secrets: readonly Secret[]): Buffer => {
  let kept = bytes;
  for (const spelling of secrets.flatMap((secret) => [...spellings(secret.reveal())]))
    // Latin1 keeps every byte as it is.
    if (kept.includes(spelling)) {
      const sought = Buffer.from(spelling).toString('latin1');
      kept = Buffer.from(kept.toString('latin1').replaceAll(sought, mark), 'latin1');
    }
  return kept;
};
