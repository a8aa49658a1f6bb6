// The shapes in which credentials usually come. Secrets of our own are `Secret`s and never get here; this is for the words of others,
// such as a vendor that repeats the key it refused. Each pattern is linear: no input makes it slow.
const shapes: readonly RegExp[] = [
  /\b(Bearer) +[\w.~+/=-]{8,}/gi,
  /\b(Basic) +[A-Za-z0-9+/]{20,}=*/g,
  /\b(sk|rk|xai|gsk)-[\w-]{16,}/g,
  /\b(AKIA|ASIA)[A-Z0-9]{16}\b/g,
  /\b(AIza)[\w-]{30,}/g,
  /\b(eyJ)[\w-]{8,}\.[\w-]+\.[\w-]*/g,
  /\b(gh[pousr]_|github_pat_|xox[abprs]-)\w[\w-]{15,}/g,
  /([?&](?:key|api_key|apikey|token|access_token|sig|signature)=)[^&\s"']+/gi,
  /(:\/\/[^\s/:@]*:)[^\s/@]+(?=@)/g,
];

/** Replaces what looks like a credential by its first letters and "[secret]". */
export const maskSecrets = (text: string): string => {
  let masked = text;
  for (const shape of shapes) masked = masked.replace(shape, '$1[secret]');
  return masked;
};
