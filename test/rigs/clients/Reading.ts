/** Tokens as an answer tells them to its client. */
export interface ToldUsage {
  readonly input: number;
  readonly output: number;
}

/** How an answer reads: whole, or what is wrong with it. */
export interface Reading {
  /** What a client would complain of; null: a whole answer. */
  readonly fault: string | null;
  /** As the client saw it; null where the answer tells none. */
  readonly usage: ToldUsage | null;
  /** Tokens of the text that came, as the vendors count them; null where the answer is not whole. */
  readonly tokens: number | null;
  /** Of a stream that is broken: whether content came before that. */
  readonly began?: boolean;
}

/** Words of every fault that an answer names itself, after it began. A stream that breaks off is told so, or it is cut short in silence. */
export const inBandError = 'in-band error';

export const broken = (fault: string): Reading => ({ fault, usage: null, tokens: null });

/** An object, or null for everything else. */
export const membersOf = (value: unknown): Readonly<Record<string, unknown>> | null =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : null;

/** The object that a text is, or null. */
export const parsedObject = (text: string): Readonly<Record<string, unknown>> | null => {
  try {
    return membersOf(JSON.parse(text));
  } catch {
    return null;
  }
};

/** The same for a list of objects; what is none in it is left out. */
export const listOf = (value: unknown): readonly Readonly<Record<string, unknown>>[] =>
  Array.isArray(value) ? value.map(membersOf).filter((members) => members !== null) : [];

/** The beginning of a value, for a message. */
export const excerpt = (value: unknown): string =>
  (typeof value === 'string' ? value : (JSON.stringify(value) ?? 'nothing')).slice(0, 300);

/** Reads a count of tokens; null where it is none. */
export const countIn = (members: Readonly<Record<string, unknown>> | null, name: string): number | null => {
  const count = members?.[name];
  return typeof count === 'number' && Number.isSafeInteger(count) && count >= 0 ? count : null;
};
