import { createHash } from 'node:crypto';

/** What the vendor takes as the id of a call: "String should match pattern '^[a-zA-Z0-9_-]+$'". */
const idPattern = /^[a-zA-Z0-9_-]{1,128}$/;

/** Characters of the digest in a replaced id: 144 bits, so that no two ids meet. */
const digestLength = 24;

/** The id of a call as this wire can say it: itself, or always the same replacement, so that a call and its result stay a pair. */
export const toolUseId = (id: string): string =>
  idPattern.test(id) ? id : `toolu_${createHash('sha256').update(id).digest('base64url').slice(0, digestLength)}`;
