import { isActive } from '../model/periodsOf.ts';
import type { PlanDecision, PlanLoss, PlanProblem, Resilience } from '../PlanProblem.ts';
import type { OutageCertificate, OutageEntry, OutageNode } from './PlanAnswers.ts';
import { capacityOfSets, shareOut, type Stage } from './shareOut.ts';

export const outageRule =
  'Every class first gets the same part of what the policy asks for it; what is left goes to the classes of which the smallest share is served.';

/** How far below what is asked a share may be: what a solver leaves. */
const shareSlack = 1e-6;

/** Capacity of a node in a period when something is lost. Units a step. */
const nodeCapacity = (
  problem: PlanProblem,
  { nodes }: Resilience,
  decision: PlanDecision,
  loss: PlanLoss,
  period: number,
  index: number,
): OutageNode => {
  const node = nodes[index];
  const left = loss.capacityLeft[index] ?? 0;
  if (node === undefined) return { node: index, base: 0, byPools: 0, byReservations: 0 };
  let floors = 0;
  for (const [at, pool] of problem.pools.entries()) {
    if (decision.pools[at] !== true || pool.account !== node.account) continue;
    if (pool.fromPeriod <= period && period < pool.untilPeriod) floors += pool.floors[period - pool.fromPeriod] ?? 0;
  }
  const lastSegment = (period + 1) * problem.segmentsPerPeriod - 1;
  let unitsPerMonth = 0;
  for (const [at, offer] of problem.reservations.entries()) {
    if (offer.node === index && isActive(offer, lastSegment)) unitsPerMonth += decision.reservations[at] ?? 0;
  }
  return {
    node: index,
    base: left * (node.base[period] ?? 0),
    byPools: left * node.perPoolMoney * floors,
    byReservations: left * (1 + node.reservationBurst) * problem.monthsPerStep * unitsPerMonth,
  };
};

/** Classes that a node serves when something is lost, bit by bit. */
const servedBy = (problem: PlanProblem, loss: PlanLoss, node: number): number => {
  if ((loss.capacityLeft[node] ?? 0) <= 0) return 0;
  return problem.sources.reduce((set, source) => (source.node === node ? set | (1 << source.class) : set), 0);
};

/** First what is asked, from nothing to all of it; then the shares, from the smallest asked one to 1. */
const stagesOf = (asked: readonly number[], demand: readonly number[]): readonly Stage[] => {
  const levels = [...new Set([...asked, 1])].toSorted((one, other) => one - other);
  const rising = levels.slice(0, -1).map((level, index): Stage => {
    const rates = demand.map((units, at) => ((asked[at] ?? 0) <= level ? units : 0));
    return { rates, length: (levels[index + 1] ?? 1) - level };
  });
  return [{ rates: demand.map((units, at) => units * (asked[at] ?? 0)), length: 1 }, ...rising];
};

/** What could be had more of at a node. */
interface Lever {
  readonly what: 'commitment of' | 'reservations at' | 'capacity of';
  readonly whose: string;
}

const leverOf = (problem: PlanProblem, resilience: Resilience, period: number, index: number): Lever => {
  const node = resilience.nodes[index];
  if (node === undefined) return { what: 'capacity of', whose: '' };
  const hasPools = problem.pools.some(
    ({ account, fromPeriod, untilPeriod }) =>
      account === node.account && fromPeriod <= period && period < untilPeriod && node.perPoolMoney > 0,
  );
  if (hasPools) return { what: 'commitment of', whose: problem.accounts[node.account]?.name ?? node.name };
  const lastSegment = (period + 1) * problem.segmentsPerPeriod - 1;
  const hasReservations = problem.reservations.some((offer) => offer.node === index && isActive(offer, lastSegment));
  return { what: hasReservations ? 'reservations at' : 'capacity of', whose: node.name };
};

/** "commitment of B, C or D; reservations at E". */
const leversText = (levers: readonly Lever[]): string => {
  const names = new Map<Lever['what'], Set<string>>();
  for (const { what, whose } of levers) names.set(what, (names.get(what) ?? new Set()).add(whose));
  return [...names].map(([what, whose]) => `${what} ${alternatives([...whose])}`).join('; ');
};

const alternatives = (names: readonly string[]): string =>
  names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} or ${names.at(-1) ?? ''}`;

const entriesOf = (
  problem: PlanProblem,
  resilience: Resilience,
  decision: PlanDecision,
  lossIndex: number,
  period: number,
): readonly OutageEntry[] => {
  const loss = resilience.losses[lossIndex];
  if (loss === undefined) return [];
  const nodes = resilience.nodes.map((_, index) => {
    const capacity = nodeCapacity(problem, resilience, decision, loss, period, index);
    return {
      ...capacity,
      capacity: capacity.base + capacity.byPools + capacity.byReservations,
      serves: servedBy(problem, loss, index),
    };
  });
  const demand = problem.classes.map((_, index) => resilience.designDemand[period]?.[index] ?? 0);
  const asked = problem.classes.map((_, index) => resilience.servedShares[index] ?? 0);
  const capacities = capacityOfSets(problem.classes.length, nodes);
  const { served, exhausted } = shareOut(capacities, problem.classes.length, stagesOf(asked, demand));
  return problem.classes.map((_, index): OutageEntry => {
    const units = demand[index] ?? 0;
    const servedShare = units > 0 ? Math.min(1, (served[index] ?? 0) / units) : 1;
    const askedShare = asked[index] ?? 0;
    const set = exhausted[index] ?? 0;
    const isShort = servedShare < 1 - shareSlack;
    const binding = isShort ? nodes.filter(({ serves }) => (serves & set) !== 0) : [];
    const hasSource = nodes.some(({ serves }) => ((serves >> index) & 1) === 1);
    const levers = binding.map(({ node }) => leverOf(problem, resilience, period, node));
    return {
      loss: lossIndex,
      period,
      class: index,
      designDemand: units,
      served: Math.min(units, served[index] ?? 0),
      servedShare,
      askedShare,
      met: servedShare >= askedShare - shareSlack,
      binding: bindingText(isShort, hasSource, levers),
      bindingNodes: binding.map(({ node, base, byPools, byReservations }) => ({ node, base, byPools, byReservations })),
      rivals: problem.classes.flatMap((_class, at) => (isShort && at !== index && ((set >> at) & 1) === 1 ? [at] : [])),
    };
  });
};

const bindingText = (isShort: boolean, hasSource: boolean, levers: readonly Lever[]): string => {
  if (!isShort) return 'nothing';
  return hasSource ? leversText(levers) : 'no other source';
};

/**
 * What is served of each class, whatever one thing is lost, at the end of each period: exactly, by what is signed alone.
 * @returns null where the policy has no rule for outages.
 */
export const outageCertificate = (problem: PlanProblem, decision: PlanDecision): OutageCertificate | null => {
  const { resilience } = problem;
  if (resilience === null) return null;
  const entries = resilience.losses.flatMap((_, loss) =>
    Array.from({ length: problem.periods }, (_period, period) =>
      entriesOf(problem, resilience, decision, loss, period),
    ).flat(),
  );
  return { rule: outageRule, met: entries.every(({ met }) => met), entries };
};
