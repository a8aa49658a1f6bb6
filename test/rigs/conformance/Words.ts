// What is asked and answered, in words of no wire: each client and each vendor of the suite says it in its own, and reads it back.

/** JSON of any shape, as it was parsed: readers take what they need of it and nothing is trusted to be there. */
export type Json = ReturnType<typeof JSON.parse>;

/** Why an answer ended. */
export type Ending = 'stop' | 'length' | 'context-length' | 'tool-calls' | 'content-filter' | 'pause';

export interface ToolWords {
  readonly name: string;
  readonly description: string;
  readonly parameters: object;
}

export interface Call {
  readonly name: string;
  readonly input: object;
}

/** A piece of a message. Calls and their results have an id that pairs them. */
export type Piece =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'image'; readonly mediaType: string; readonly data: string }
  | { readonly kind: 'image-url'; readonly url: string }
  | { readonly kind: 'call'; readonly id: string; readonly name: string; readonly input: object }
  | { readonly kind: 'result'; readonly id: string; readonly text: string };

/** Results are of the user's side. */
export interface Turn {
  readonly by: 'user' | 'assistant';
  readonly pieces: readonly Piece[];
}

/** How tools may be used; the name of one where it must be that one. */
export type Choice = 'auto' | 'none' | 'required' | { readonly name: string };

export interface Ask {
  readonly system?: string;
  readonly turns: readonly Turn[];
  readonly tools?: readonly ToolWords[];
  readonly choice?: Choice;
  /** Schema that the answer must have. */
  readonly schema?: object;
  readonly thinks?: boolean;
  readonly temperature?: number;
  readonly stop?: readonly string[];
  readonly boundTokens: number;
}

/** One thing that was said, and by whom; calls are numbered from 1, and a result names the number of its call. */
export type Saying = { readonly by: Turn['by'] } & (
  | Exclude<Piece, { kind: 'call' | 'result' }>
  | { readonly kind: 'call'; readonly call: number; readonly name: string; readonly input: object }
  | { readonly kind: 'result'; readonly call: number; readonly text: string }
);

/** What reached a vendor. */
export interface Asked {
  readonly system: string;
  readonly said: readonly Saying[];
  readonly tools: readonly ToolWords[];
  readonly choice: Choice;
  readonly schema: object | null;
  readonly thinks: boolean;
  readonly temperature: number | null;
  readonly stop: readonly string[];
  readonly boundTokens: number | null;
}

/** Tokens in disjoint buckets. */
export interface Counts {
  readonly input: number;
  readonly cacheRead: number;
  readonly cacheWrite: number;
  readonly output: number;
  readonly reasoning: number;
}

/** What a vendor answers. */
export interface Said {
  readonly thinking?: string;
  /** Pieces in which a stream says it. */
  readonly text?: readonly string[];
  /** Words by which it declines. */
  readonly refusal?: string;
  readonly calls?: readonly Call[];
  readonly ending: Ending;
  readonly counts: Counts;
}

/** Tokens as a client is told of them: all input, what of it was read from and written to a cache, all output, what of it was thought. */
export interface Told {
  readonly input: number;
  readonly cacheRead: number;
  readonly cacheWrite: number;
  readonly output: number;
  readonly reasoning: number;
}

/** What a client has of an answer. */
export interface Heard {
  readonly text: string;
  readonly thinking: string;
  readonly refusal: string;
  readonly calls: readonly (Call & { readonly id: string })[];
  /** In the wire's own word. */
  readonly ending: string;
  readonly told: Told | null;
  /** What is said of a failure inside the answer; null where nothing is. */
  readonly fault: string | null;
  /** Whether it came to the end that its wire has for a success. */
  readonly isWhole: boolean;
}

/** What only this wire has no word for, which its reference says. */
export class Unsayable extends Error {}

export interface ClientRequest {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: object;
}

/** A wire as its clients speak it. */
export interface Client {
  readonly name: string;
  /** The words for each ending; several where more than one says it. */
  readonly endings: Readonly<Record<Ending, readonly string[]>>;
  /** Where the words of a refusal stand: apart, or as text. */
  readonly hearsRefusals: boolean;
  /** What of `Told` this wire has no place for. */
  readonly untold: readonly (keyof Told)[];
  says(ask: Ask, stream: boolean, model: string, key: string): ClientRequest;
  hears(body: Json): Heard;
  hearsStream(text: string): Heard;
  /** The words of an error; null where the body is none of this wire's. */
  hearsError(body: Json, status: number): string | null;
}

/** A wire as vendors answer it. */
export interface Vendor {
  readonly name: string;
  readonly model: string;
  readonly query: string;
  readonly streamType: string;
  /** Which of the counts its answers have no place for. */
  readonly uncounted: readonly (keyof Counts)[];
  /** Where its requests come in, without the query. */
  path(stream: boolean): string;
  hears(body: Json): Asked;
  /** What its reference leaves of a question, where it has other words for the same; absent: all of it. */
  fit?(asked: Asked): Asked;
  says(said: Said): object;
  /** The events of a stream, each as its bytes. */
  saysStream(said: Said): readonly Uint8Array[];
  /** How many of its first events make a whole answer, whatever follows. */
  wholeAfter(events: readonly Uint8Array[]): number;
  saysError(
    status: number,
    words: string,
  ): { readonly body: object; readonly headers?: Readonly<Record<string, string>> };
  /** A failure inside a stream. */
  saysFault(words: string): Uint8Array;
}

/** What a vendor should be asked. */
export const askedBy = (ask: Ask): Asked => ({
  system: ask.system ?? '',
  said: numbered(ask.turns.flatMap(({ by, pieces }) => pieces.map((piece) => ({ by, ...piece })))),
  tools: ask.tools ?? [],
  choice: ask.choice ?? 'auto',
  schema: ask.schema ?? null,
  thinks: ask.thinks ?? false,
  temperature: ask.temperature ?? null,
  stop: ask.stop ?? [],
  boundTokens: ask.boundTokens,
});

/** Numbers calls in their order; a result that belongs to none has the number 0. */
export const numbered = (pieces: readonly ({ readonly by: Turn['by'] } & Piece)[]): readonly Saying[] => {
  const ids = pieces.flatMap((piece) => (piece.kind === 'call' ? [piece.id] : []));
  return pieces.map((piece) => {
    if (piece.kind !== 'call' && piece.kind !== 'result') return piece;
    const { id, ...rest } = piece;
    return { ...rest, call: ids.indexOf(id) + 1 };
  });
};
