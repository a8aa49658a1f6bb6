import type { Chance } from './Chance.ts';

/** One vendor in trouble for a while. */
export interface Storm {
  readonly vendor: string;
  readonly fault: string;
  /** As the sandbox takes them. */
  readonly details: Readonly<Record<string, number>>;
  readonly calmMs: number;
  readonly lastsMs: number;
}

export interface Climate {
  readonly vendors: readonly string[];
  /** How long a storm lasts, one in which a vendor answers nothing at all, and the calm before each, at least and at most. Milliseconds. */
  readonly lastsMs: readonly [number, number];
  readonly deathMs: readonly [number, number];
  readonly calmMs: readonly [number, number];
  /** How often each kind of storm comes. */
  readonly rounds: number;
}

type Kind = (chance: Chance) => Pick<Storm, 'fault' | 'details'>;

const between = (chance: Chance, [least, most]: readonly [number, number]): number =>
  least + chance.next() * (most - least);

const whole =
  (fault: string): Kind =>
  () => ({ fault, details: {} });

const wave =
  (fault: string): Kind =>
  (chance) => ({ fault, details: { share: between(chance, [0.3, 1]), retryAfterS: chance.below(2) } });

const cut =
  (fault: string): Kind =>
  (chance) => ({ fault, details: { share: between(chance, [0.5, 0.9]), afterEvents: 1 + chance.below(4) } });

/** Faults of a vendor that answers nothing any more and counts what reaches it. */
export const deaths: ReadonlySet<string> = new Set(['down', 'hang']);

/** Streams that are cut after their first content. */
const cuts: readonly Kind[] = [cut('cut-mid-stream'), cut('error-in-stream')];

/** Outages of every kind, waves of refusals for too much, and slow minutes. */
const others: readonly Kind[] = [
  whole('down'),
  whole('hang'),
  whole('refuse'),
  wave('rate-limit'),
  wave('overload'),
  (chance) => ({ fault: 'slow', details: { latencyMs: Math.round(between(chance, [300, 900])) } }),
];

const shuffled = <One>(chance: Chance, all: readonly One[]): readonly One[] =>
  all
    .map((one) => ({ one, at: chance.next() }))
    .toSorted((a, b) => a.at - b.at)
    .map(({ one }) => one);

/** Storms one after the other, so that one vendor is out at a time: each kind once before any comes again, first those that must find their vendor at work. */
export const drawStorms = (
  chance: Chance,
  { vendors, lastsMs, deathMs, calmMs, rounds }: Climate,
): readonly Storm[] => {
  const drawn = Array.from({ length: rounds }, () => [...shuffled(chance, cuts), ...shuffled(chance, others)]).flat();
  let at = chance.below(vendors.length);
  return drawn.map((kind): Storm => {
    const { fault, details } = kind(chance);
    // Never the same vendor twice in a row.
    at = (at + 1 + chance.below(vendors.length - 1)) % vendors.length;
    return {
      vendor: vendors[at]!,
      fault,
      details,
      calmMs: between(chance, calmMs),
      lastsMs: between(chance, deaths.has(fault) ? deathMs : lastsMs),
    };
  });
};
