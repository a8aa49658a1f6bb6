import type { Measure } from './UsageLine.ts';

/** Words of a text: parted where other than letters, digits and points stand, and where a capital begins. */
const wordsOf = (text: string): readonly string[] =>
  text
    .replace(/([a-z])([A-Z])/g, '$1 $2')
    .split(/[^A-Za-z0-9.]+/)
    .filter((word) => word !== '');

const inputWords = new Set(['input', 'inp', 'in', 'prompt', 'context']);
const outputWords = new Set(['output', 'outp', 'outpt', 'out', 'opt', 'completion', 'generated']);

const tokenWords =
  'token tokens count units unit million thousand 1k 1m cached cache cachd cd read write hit miss no text usage on demand';
const placeWords = 'global glbl regional regnl data zone datazone dz dzone standard mp';

/** Words that tell which tokens a meter counts and where, not of which model. */
const meterWords = new Set([...inputWords, ...outputWords, ...tokenWords.split(' '), ...placeWords.split(' ')]);

/** The code of a region before a meter: "USE1", "APN1". */
const regionCode = /^[A-Z]{2,4}\d$/;

/** Which tokens a text tells of. */
export const directionOf = (texts: readonly string[]): Extract<Measure, 'input' | 'output' | 'tokens'> => {
  for (const text of texts) {
    const words = wordsOf(text).map((word) => word.toLowerCase());
    if (words.some((word) => outputWords.has(word))) return 'output';
    if (words.some((word) => inputWords.has(word))) return 'input';
  }
  return 'tokens';
};

/** Longest name of a class in a portfolio. */
const classNameMax = 64;
const versionDate = /-(?:\d{8}|\d{4}-\d{2}-\d{2})$/;

/** A model's name as the name of a class, without the date of its version: "Large 4.5" is "large-4-5". Empty where nothing is left. */
export const modelClass = (name: string): string =>
  name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .replace(versionDate, '')
    .slice(0, classNameMax)
    .replace(/-+$/, '');

/** The model in the name of a meter: "large 4o 0513 Input global Tokens" is "large-4o-0513". Empty where the name tells of none. */
export const meterClass = (name: string): string =>
  modelClass(
    name
      .replace(/([a-z])([A-Z])/g, '$1 $2')
      .split(/[\s,:;/_|()-]+/)
      .filter((word) => !meterWords.has(word.toLowerCase()) && !regionCode.test(word))
      .join(' '),
  );

/** Whether a text tells of tokens. */
export const saysTokens = (text: string): boolean => /token|\bmtok\b/i.test(text);
const gpuHours = /^(?:gpu|accelerator)[ -]?(?:hours?|hrs?)$/i;
/** A unit that tells how many of something, not of what. */
const bareCount = /^(?:units?|count|quantity)?$/i;
const scalePattern = /^(\d{1,9})?\s*\/?\s*(k|m|b|thousand|million|billion|mtok)?(?:\b|$)/i;

/** Tokens for the first letter of a scale's word. */
const scales: ReadonlyMap<string, bigint> = new Map([
  ['', 1n],
  ['k', 1_000n],
  ['t', 1_000n],
  ['m', 1_000_000n],
  ['b', 1_000_000_000n],
]);

/** "1K" is 1000, "10 million" ten of them, what tells no scale is 1. */
const scaleOf = (text: string): bigint => {
  const [, count = '1', word = ''] = scalePattern.exec(text.trim()) ?? [];
  return BigInt(count) * (scales.get(word.slice(0, 1).toLowerCase()) ?? 1n);
};

/** What one of a quantity is: so many tokens, an hour of an accelerator, or something that is no use of a model. */
export type UnitMeaning =
  | { readonly kind: 'tokens'; readonly tokens: bigint }
  | { readonly kind: 'gpuHour' }
  | { readonly kind: 'other'; readonly why: string };

/** What a unit means, beside the texts of its meter. Where neither says how many tokens one is, nothing is guessed. */
export const unitMeaning = (unit: string, texts: readonly string[]): UnitMeaning => {
  if (gpuHours.test(unit)) return { kind: 'gpuHour' };
  if (saysTokens(unit)) return { kind: 'tokens', tokens: scaleOf(unit) };
  if (!texts.some(saysTokens)) return { kind: 'other', why: unit === '' ? 'no unit' : `unit "${unit}"` };
  if (!bareCount.test(unit))
    return /^\d*\s*[kmb]?$/i.test(unit)
      ? { kind: 'tokens', tokens: scaleOf(unit) }
      : { kind: 'other', why: `unit "${unit}"` };
  const told = texts
    .map((text) => /(?:^|[^a-z0-9])(million|thousand|1k|1m|mtok)\b[^|]*token/i.exec(text)?.[1])
    .find((word) => word !== undefined);
  if (told !== undefined) return { kind: 'tokens', tokens: scaleOf(told) };
  return { kind: 'other', why: 'tokens of a unit that does not say how many' };
};
