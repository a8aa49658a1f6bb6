import type { SeamRefusal } from '../../vocabulary/index.ts';
import { Echo } from './Echo.ts';
import { OverlapSearch } from './OverlapSearch.ts';
import { beginsAsNoAnswer } from './beginsAsNoAnswer.ts';

/** How much of a continuation is held back until it is judged, behind what is left out of it. UTF-16 units. */
export const judgedLength = 96;
/** How much of the beginning of an answer has to come again to be one that begins anew. */
const restartLength = 24;
/** Letters of a text from which on it is known in which script it is written. */
const scriptLettersMin = 24;

export type Verdict =
  /** It goes on. `trimmed`: how much of its start the client has already. */
  { readonly kind: 'goes-on'; readonly trimmed: number } | { readonly kind: 'refused'; readonly why: SeamRefusal };

/** Judges the start of what is to be the rest of an answer, before anything of it goes out. */
export class ContinuationStart {
  readonly #said: string;
  /** Blanks at the end of it, which nobody was given who goes on with it. */
  readonly #blanks: string;
  readonly #overlap: OverlapSearch;
  readonly #echo: Echo;
  /** What came of it, but for the echo. */
  #text = '';

  /**
   * @param said What the client has.
   * @param echoed What its vendor was given and says again before it goes on; empty where it does not.
   */
  constructor(said: string, echoed = '') {
    this.#said = said;
    const kept = said.trimEnd();
    this.#blanks = said.slice(kept.length);
    this.#overlap = new OverlapSearch(kept);
    this.#echo = new Echo(echoed);
  }

  /** @returns null while it has to be held back. */
  add(piece: string): Verdict | null {
    this.#take(this.#echo.add(piece));
    return this.#overlap.isOpen || this.#text.length - this.#overlap.length < judgedLength ? null : this.#judge();
  }

  /** It has no more, or goes on with something else than words. @param mayBeEmpty Whether what follows is the rest. */
  end(mayBeEmpty: boolean): Verdict {
    this.#take(this.#echo.end());
    if (this.#text.trim() !== '') return this.#judge();
    const trimmed = this.#echo.length + this.#text.length;
    return mayBeEmpty ? { kind: 'goes-on', trimmed } : { kind: 'refused', why: 'empty' };
  }

  #take(text: string): void {
    this.#text += text;
    this.#overlap.add(text);
  }

  #judge(): Verdict {
    const overlap = this.#overlap.length;
    const rest = this.#text.slice(overlap);
    if (beginsAnew(this.#said, this.#text)) return { kind: 'refused', why: 'restarted' };
    if (beginsAsNoAnswer(rest)) return { kind: 'refused', why: 'apologised' };
    if (isInOtherScript(this.#said, rest)) return { kind: 'refused', why: 'other_script' };
    if (rest.trim() === '') return { kind: 'refused', why: 'empty' };
    return { kind: 'goes-on', trimmed: this.#echo.length + overlap + commonLength(this.#blanks, rest) };
  }
}

const commonLength = (one: string, other: string): number => {
  let length = 0;
  while (length < one.length && one[length] === other[length]) length += 1;
  return length;
};

/** Letters and digits alone, since a text that is begun anew may have other marks around them. */
const wordsOf = (text: string): string => text.toLowerCase().replaceAll(/[^\p{L}\p{N}]/gu, '');

/** Whether a text begins as another did: of a short one all has to come again, letter by letter. */
const beginsAnew = (said: string, text: string): boolean => {
  const beginning = wordsOf(said.slice(0, 8 * restartLength)).slice(0, restartLength);
  if (beginning.length === restartLength) return wordsOf(text.slice(0, 8 * restartLength)).startsWith(beginning);
  return text.trimStart().startsWith(said.trim());
};

/** Scripts that are told apart; kana and han are both Japanese. */
const scripts = [
  /\p{Script=Latin}/gu,
  /\p{Script=Cyrillic}/gu,
  /\p{Script=Greek}/gu,
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]/gu,
  /\p{Script=Hangul}/gu,
  /\p{Script=Arabic}/gu,
  /\p{Script=Hebrew}/gu,
  /\p{Script=Devanagari}/gu,
  /\p{Script=Thai}/gu,
];

/** How much of the end of an answer tells its script. */
const scriptSampleLength = 2_000;

const lettersIn = (text: string, script: RegExp): number => text.match(script)?.length ?? 0;

/** Whether no letter of a text is of a script that was used so far: another language of the same script cannot be told. */
const isInOtherScript = (said: string, text: string): boolean => {
  const before = said.slice(-scriptSampleLength);
  let known = 0;
  let used = 0;
  let letters = 0;
  for (const script of scripts) {
    const there = lettersIn(before, script);
    const here = lettersIn(text, script);
    known += there;
    letters += here;
    if (there > 0) used += here;
  }
  return known >= scriptLettersMin && letters >= scriptLettersMin && used === 0;
};
