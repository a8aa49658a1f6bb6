/** A run of bytes that gives a secret away. */
export interface Pattern {
  readonly bytes: Buffer;
  /** "hex of the first half". */
  readonly form: string;
}

/** Shorter runs are found by chance. */
export const patternLengthMin = 12;

/** What base64 makes of bytes wherever they stand in a text: at each of three alignments the characters that they alone decide. */
const base64Inner = (bytes: Buffer): string[] =>
  [0, 1, 2].map((before) => {
    const text = Buffer.concat([Buffer.alloc(before), bytes])
      .toString('base64')
      .replaceAll('=', '');
    const wholeLength = Math.floor(((before + bytes.length) * 8) / 6);
    return text.slice(Math.ceil((before * 8) / 6), wholeLength);
  });

const escapedHtml: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

const formsOf = (part: string): [form: string, text: string][] => {
  const bytes = Buffer.from(part);
  const base64 = base64Inner(bytes);
  const inJson = JSON.stringify(part).slice(1, -1);
  return [
    ['plain', part],
    ['reversed', Array.from(part).toReversed().join('')],
    ['hex', bytes.toString('hex')],
    ['upper hex', bytes.toString('hex').toUpperCase()],
    ['URL', encodeURIComponent(part)],
    ['form', new URLSearchParams({ part }).toString().slice('part='.length)],
    ['JSON', inJson],
    ['JSON in JSON', JSON.stringify(inJson).slice(1, -1)],
    ['HTML', part.replaceAll(/[&<>"]/g, (sign) => escapedHtml[sign] ?? sign)],
    ...base64.map((text, shift): [string, string] => [`base64 at ${shift}`, text]),
    ...base64.map((text, shift): [string, string] => [
      `base64url at ${shift}`,
      text.replaceAll('+', '-').replaceAll('/', '_'),
    ]),
  ];
};

/**
 * The runs of bytes to look for: each half of a secret, plain and in every coding that text takes on its way. Whoever writes the
 * whole secret writes its halves. A secret whose halves would be found by chance is looked for as a whole.
 * @throws RangeError where even the whole is too short.
 */
export const patternsOf = (secret: string): Pattern[] => {
  if (secret.length < patternLengthMin)
    throw new RangeError(`a secret of ${secret.length} characters is found by chance`);
  const middle = Math.floor(secret.length / 2);
  const parts: [string, string][] =
    middle < patternLengthMin
      ? [['the whole', secret]]
      : [
          ['the first half', secret.slice(0, middle)],
          ['the second half', secret.slice(middle)],
        ];
  const seen = new Set<string>();
  return parts.flatMap(([name, part]) =>
    formsOf(part)
      .filter(([, text]) => !seen.has(text) && Boolean(seen.add(text)))
      .map(([form, text]) => ({ bytes: Buffer.from(text), form: `${form}, ${name}` })),
  );
};
