import type { Failure } from '../vocabulary/index.ts';

/** Shorter runs stand in many texts. */
const runBytesMin = 12;
/** Longest request that is compared: a millisecond. Beyond it a vendor's words are left out. */
const requestBytesMax = 262_144;
const headBytes = 4;

const mark = '[...]';

/** Names of members, which vendors quote to say what they do not like. */
const isName = (run: string): boolean => /^[a-z_]+$/.test(run);

/** Where runs of the words begin, by their first bytes. */
const startsByHead = (words: Buffer): Map<number, number[]> => {
  const starts = new Map<number, number[]>();
  for (let start = 0; start + runBytesMin <= words.length; start += 1) {
    const head = words.readInt32BE(start);
    const others = starts.get(head);
    if (others) others.push(start);
    else starts.set(head, [start]);
  }
  return starts;
};

/** For each byte of the words whether it belongs to a run that stands in the request, too. */
const repeatedBytes = (words: Buffer, request: Buffer): Uint8Array => {
  const repeated = new Uint8Array(words.length);
  const starts = startsByHead(words);
  let head = 0;
  for (let end = 0; end < request.length; end += 1) {
    head = (head << 8) | (request[end] ?? 0);
    const at = end - headBytes + 1;
    if (at < 0) continue;
    for (const start of starts.get(head) ?? [])
      if (words.compare(request, at, Math.min(at + runBytesMin, request.length), start, start + runBytesMin) === 0)
        repeated.fill(1, start, start + runBytesMin);
  }
  return repeated;
};

/** The words with marks in place of runs that the request has as well; names of members stay. */
const maskedWords = (text: string, request: Buffer): string => {
  const words = Buffer.from(text);
  const repeated = repeatedBytes(words, request);
  let masked = '';
  for (let from = 0; from < words.length;) {
    let to = from + 1;
    while (to < words.length && repeated[to] === repeated[from]) to += 1;
    const run = words.toString('utf8', from, to);
    masked += repeated[from] === 1 && !isName(run) ? mark : run;
    from = to;
  }
  return masked;
};

/**
 * A failure as it may be logged and kept. Vendors quote the request in what they say of it, and what a client has said is kept nowhere:
 * runs of their words that stand in the request are left out.
 * @param request as it was sent.
 */
export const withoutContent = (failure: Failure, request: Uint8Array): Failure => {
  const { message, ...rest } = failure;
  if (message === undefined || Buffer.byteLength(message) < runBytesMin) return failure;
  if (request.length > requestBytesMax) return rest;
  const bytes = Buffer.from(request.buffer, request.byteOffset, request.byteLength);
  return { ...rest, message: maskedWords(message, bytes) };
};
