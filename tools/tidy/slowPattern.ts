/** One part of a pattern: a character or class, or a group of alternatives. */
interface Atom {
  readonly source: string;
  /** Sequences of a group; null for what matches one character, or none (an anchor). */
  readonly alternatives: readonly (readonly Part[])[] | null;
}

interface Part extends Atom {
  readonly isOptional: boolean;
  /** Repeated without a bound. */
  readonly isUnbounded: boolean;
}

const quantifier = /^(?:[*+?]|\{\d+(?:,\d*)?\})\??/;
const escaped =
  /^\\(?:[pP]\{[^}]{1,99}\}|u\{[0-9a-fA-F]{1,6}\}|u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2}|c[A-Za-z]|k<\w{1,99}>|[^])/;
const characterClass = /^\[\^?(?:\\[^]|[^\\\]])*\]/;
const groupStart = /^\((?:\?(?:[:=!]|<[=!]|<\w{1,99}>|[a-z-]{1,9}:))?/;

const isUnboundedQuantifier = (text: string): boolean => /^(?:[*+]|\{\d+,\})/.test(text);
const isOptionalQuantifier = (text: string): boolean => /^(?:[*?]|\{0)/.test(text);

/** Reads the alternatives of a group, or of a whole pattern. @returns them with the place behind. */
const readAlternatives = (pattern: string, from: number): [alternatives: Part[][], end: number] => {
  const alternatives: Part[][] = [[]];
  let at = from;
  while (at < pattern.length && pattern[at] !== ')') {
    if (pattern[at] === '|') {
      alternatives.push([]);
      at += 1;
      continue;
    }
    const [atom, end] = readAtom(pattern, at);
    const counted = quantifier.exec(pattern.slice(end))?.[0] ?? '';
    alternatives.at(-1)?.push({
      ...atom,
      isOptional: isOptionalQuantifier(counted),
      isUnbounded: isUnboundedQuantifier(counted),
    });
    at = end + counted.length;
  }
  return [alternatives, at];
};

const readAtom = (pattern: string, at: number): [atom: Atom, end: number] => {
  const rest = pattern.slice(at);
  const opening = groupStart.exec(rest)?.[0];
  if (opening !== undefined) {
    const [alternatives, closing] = readAlternatives(pattern, at + opening.length);
    return [{ source: pattern.slice(at, closing + 1), alternatives }, closing + 1];
  }
  const source =
    (escaped.exec(rest) ?? characterClass.exec(rest))?.[0] ?? String.fromCodePoint(rest.codePointAt(0) ?? 0);
  return [{ source, alternatives: null }, at + source.length];
};

/** Characters by which sets are compared: all of ASCII, and some of what lies beyond. */
const letters = [...Array.from({ length: 128 }, (_, code) => String.fromCharCode(code)), 'é', ' ', '中', '😀'];

const setOf = (source: string, flags: string): Set<string> => {
  const alone = new RegExp(`^(?:${source})$`, flags.replace(/[gy]/g, ''));
  return new Set(letters.filter((letter) => alone.test(letter)));
};

/** What is repeated without a bound within a part, at any depth. */
const unboundedIn = ({ alternatives }: Atom): Part[] =>
  (alternatives ?? []).flat().flatMap((part) => [...(part.isUnbounded ? [part] : []), ...unboundedIn(part)]);

/** Whether what a part takes ends where the other begins: something stands between them that neither takes. */
const isKeptApart = (one: Set<string>, other: Set<string>, between: readonly Part[], flags: string): boolean =>
  one.isDisjointFrom(other) ||
  between.some((part) => {
    if (part.alternatives !== null || part.isOptional) return false;
    const marks = setOf(part.source, flags);
    return marks.size > 0 && marks.isDisjointFrom(one) && marks.isDisjointFrom(other);
  });

/** A text has one way to be cut into turns of a group where each repetition in it is kept apart from all that follow, round to itself. */
const isCutOneWay = ({ alternatives }: Atom, flags: string): boolean => {
  const [turn = [], ...others] = alternatives ?? [];
  // Repetitions further down, and alternatives, are not looked into.
  if (others.length > 0 || turn.some((part) => unboundedIn(part).length > 0)) return false;
  const twice = [...turn, ...turn];
  return turn.every((part, from) => {
    if (!part.isUnbounded || part.alternatives !== null) return !part.isUnbounded;
    const own = setOf(part.source, flags);
    for (let to = from + 1; to <= from + turn.length; to += 1) {
      const next = twice[to];
      if (next?.isUnbounded && !isKeptApart(own, setOf(next.source, flags), twice.slice(from + 1, to), flags))
        return false;
    }
    return true;
  });
};

const slowIn = (part: Part, flags: string): string | null => {
  if (part.isUnbounded && unboundedIn(part).length > 0 && !isCutOneWay(part, flags)) return part.source;
  for (const each of (part.alternatives ?? []).flat()) {
    const slow = slowIn(each, flags);
    if (slow !== null) return slow;
  }
  return null;
};

/**
 * The part of a pattern that repeats repetitions, so that a text can be cut into its turns in exponentially many ways; null where there is
 * none. It does not know everything: what it finds may be harmless, and what takes quadratic time is not found.
 */
export const slowPattern = (pattern: string, flags: string): string | null => {
  const [alternatives] = readAlternatives(pattern, 0);
  for (const part of alternatives.flat()) {
    const slow = slowIn(part, flags);
    if (slow !== null) return slow;
  }
  return null;
};
