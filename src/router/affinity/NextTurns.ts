import { insertBounded } from '../insertBounded.ts';

/** Share of requests that go on with something warm, where nothing was seen of a class, and how many observations that counts as. */
const shareUnseen = 0.1;
const unseenWeight = 10;
/** A new observation weighs this much at least: about a thousand requests are remembered. */
const weightMin = 0.001;
const classesMax = 1_000;

interface Seen {
  share: number;
  turns: number;
}

/**
 * How probable it is that a conversation has a next turn while its prompt is in a cache: by class of requests the share of those that found one. Whether the
 * turn is a first or a later one was found to tell nothing more.
 */
export class NextTurns<Class = string> {
  readonly #classes = new Map<Class, Seen>();

  /** From 0 to 1. */
  shareOf(of: Class): number {
    return this.#classes.get(of)?.share ?? shareUnseen;
  }

  /** A request came. @param wentOn Whether some target held a part of it still. */
  observe(of: Class, wentOn: boolean): void {
    let seen = this.#classes.get(of);
    if (seen === undefined) {
      seen = { share: shareUnseen, turns: 0 };
      insertBounded(this.#classes, of, seen, classesMax);
    }
    seen.turns += 1;
    seen.share += ((wentOn ? 1 : 0) - seen.share) * Math.max(weightMin, 1 / (unseenWeight + seen.turns));
  }
}
