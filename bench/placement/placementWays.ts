import { decide, decideQueue } from '../../src/placement/decide/decisions.fixture.ts';
import type { Offer, PlacementCandidate } from '../../src/placement/index.ts';
import type { ScarceInstance } from './scarceInstance.ts';

/** What a way of placing came to: what each job pays in the order of the queue, null for one that is left out. */
export type Placed = readonly (number | null)[];

/** An offer that a job could take, were the job alone. */
export interface Option {
  readonly offer: Offer;
  readonly accelerators: number;
  readonly usd: number;
}

const offerOf = (instance: ScarceInstance, { site }: PlacementCandidate): Offer => {
  const offer = instance.offers.find((one) => one.site === site);
  if (offer === undefined) throw new Error('a candidate is an offer');
  return offer;
};

/** By asking for each job alone: a decision keeps more candidates than these instances have. */
export const optionsOf = (instance: ScarceInstance): Option[][] =>
  instance.queue.map(({ demand }) => {
    const { chosen, others } = decide(demand, instance.offers, instance.limits);
    return (chosen === null ? [] : [chosen, ...others]).flatMap((candidate) =>
      candidate.refusal === null && candidate.expected !== null
        ? [
            {
              offer: offerOf(instance, candidate),
              accelerators: candidate.accelerators,
              usd: candidate.expected.usd,
            },
          ]
        : [],
    );
  });

/** Names of what an option uses up, and how much. */
export const usesOf = ({ offer, accelerators, usd }: Option): [string, number][] => [
  [`offer ${offer.site ?? ''}`, accelerators],
  [`vendor ${offer.vendor}`, usd],
  ...Object.entries(offer.hosts).map(([name, share]): [string, number] => [`host ${name}`, usd * share]),
];

export const totalsOf = ({ offers, limits }: ScarceInstance): Map<string, number> =>
  new Map(
    offers.flatMap(({ site, free, vendor, hosts }): [string, number][] => [
      [`offer ${site ?? ''}`, free],
      [`vendor ${vendor}`, limits.headroomUsd('vendor', vendor)],
      ...Object.keys(hosts).map((name): [string, number] => [`host ${name}`, limits.headroomUsd('host', name)]),
    ]),
  );

/** Each job in order takes what is first by `order` of what has room. */
const inTurn =
  (order: (option: Option) => number) =>
  (instance: ScarceInstance): Placed => {
    const left = totalsOf(instance);
    return optionsOf(instance).map((options) => {
      const fits = (option: Option): boolean =>
        usesOf(option).every(([name, amount]) => amount <= (left.get(name) ?? 0));
      const taken = options.toSorted((one, other) => order(one) - order(other)).find(fits);
      if (taken === undefined) return null;
      for (const [name, amount] of usesOf(taken)) left.set(name, (left.get(name) ?? 0) - amount);
      return taken.usd;
    });
  };

/** The cheapest accelerator-hour that has room. */
export const cheapestFirst = inTurn(({ offer }) => offer.hourUsd ?? 0);
/** The least expected cost that has room: one job after another, none of them with a view to the next. */
export const oneByOne = inTurn(({ usd }) => usd);

export const queueTogether = ({ queue, offers, limits }: ScarceInstance): Placed => {
  const decisions = decideQueue(queue, offers, limits);
  return queue.map(({ id }) => decisions.get(id)?.chosen?.expected?.usd ?? null);
};
