import type { Chance } from '../Chance.ts';
import type { Reading } from './Reading.ts';

/** The head of an answer. */
export interface Head {
  readonly status: number;
  header(name: string): string | null;
}

/** What is asked, in no wire's words. */
export interface Question {
  readonly model: string;
  readonly content: string;
  readonly stream: boolean;
  /** Draws of this question alone: how it is put. */
  readonly chance: Chance;
  /** Bounds of the answer of which one is drawn; absent: `outputTokensMax`, and on a wire that asks for none there is none now and then. */
  readonly bounds?: readonly number[];
}

/** One request, ready to be made, in either way. */
export interface Ask {
  /** JSON. */
  readonly body: string;
  read(status: number, contentType: string, text: string): Reading;
  /** Asks by the vendor's own SDK, without its retries. Throws what it throws. @param onHead told of the head of a good answer */
  bySdk(onHead: (head: Head) => void): Promise<Reading>;
}

/** Clients of one wire at one gateway. */
export interface Client {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  put(question: Question): Ask;
  /** The head of an answer that its SDK made an error of; null where it is no such error. */
  headOf(error: unknown): Head | null;
}

/** A request that hangs is a fault like any other, and must end. */
export const requestMsMax = 60_000;

/** Bounds of the answers; the largest is above all that the vendors say. */
const outputTokensMax = [8, 16, 32, 400];

export const boundOf = ({ chance, bounds = outputTokensMax }: Question): number =>
  bounds[chance.below(bounds.length)] ?? 0;

/** A part of the requests has one. */
export const systemOf = (chance: Chance): string | null => (chance.happens(0.25) ? 'You know every harbour.' : null);

export const headOfResponse = ({ status, headers }: { status: number; headers: Headers }): Head => ({
  status,
  header: (name) => headers.get(name),
});
