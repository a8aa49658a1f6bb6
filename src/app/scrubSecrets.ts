/** Anything shorter is found everywhere, and is no secret that a person would have chosen. */
const charactersMin = 6;

/** As JSON writes it between its quotes. */
const inJson = (text: string): string => JSON.stringify(text).slice(1, -1);

/** A text in the forms in which it may come back: as it is, in JSON, in a URL, in base64 at each of three places, in hexadecimal. */
const formsOf = (secret: string): readonly string[] => {
  const bytes = Buffer.from(secret);
  // Base64 of what stands at another place than the beginning differs at both ends: what surely is the secret's own is between.
  const base64 = [0, 1, 2].map((offset) => {
    const text = Buffer.concat([Buffer.alloc(offset), bytes]).toString('base64');
    return text.slice(offset === 0 ? 0 : 4, Math.floor(((bytes.length + offset) * 8) / 6 / 4) * 4);
  });
  const hex = bytes.toString('hex');
  const json = inJson(secret);
  const url = [encodeURIComponent(secret), new URLSearchParams({ s: secret }).toString().slice(2)];
  const forms = new Set([secret, json, inJson(json), ...url, hex, hex.toUpperCase(), ...base64]);
  return [...forms].filter((form) => form.length >= charactersMin);
};

/** Takes secrets out of a text, in whatever form they stand in it. A half of one counts as one. */
export const scrubSecrets = (text: string, secrets: readonly string[]): string => {
  let scrubbed = text;
  for (const secret of secrets) {
    const half = secret.length >> 1;
    for (const part of [secret, secret.slice(0, half), secret.slice(half)]) {
      if (part.length < charactersMin) continue;
      for (const form of formsOf(part)) scrubbed = scrubbed.replaceAll(form, '[secret]');
    }
  }
  return scrubbed;
};
