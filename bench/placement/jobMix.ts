import type { QueuedDemand } from '../../src/placement/decide/decisions.fixture.ts';
import type { AcceleratorChoice, Demand } from '../../src/placement/index.ts';

const hourMs = 3_600_000;

/** Accelerators by how often jobs ask for them, and how fast they are beside an H100. */
const kinds: readonly (readonly [kind: string, often: number, speed: number])[] = [
  ['H100', 0.3, 1],
  ['A100-80GB', 0.2, 0.5],
  ['H200', 0.1, 1.3],
  ['B200', 0.08, 2.2],
  ['GB200', 0.07, 2.5],
  ['L40S', 0.08, 0.3],
  ['L4', 0.07, 0.12],
  ['A10G', 0.05, 0.13],
  ['T4', 0.05, 0.06],
];

const oneOf = (counts: readonly number[], random: () => number): number =>
  counts[Math.floor(random() * counts.length)] ?? 1;

const kindBy = (chance: number): readonly [kind: string, often: number, speed: number] => {
  let left = chance;
  return kinds.find(([, often]) => (left -= often) < 0) ?? ['H100', 0.3, 1];
};

const choicesOf = (random: () => number): AcceleratorChoice[] => {
  const hours = Math.exp(random() * 5);
  const perRank = oneOf([1, 1, 2, 4, 8], random);
  const wanted = new Map(
    [kindBy(random()), ...(random() < 0.5 ? [kindBy(random())] : [])].map((kind) => [kind[0], kind]),
  );
  return [...wanted.values()].map(([kind, , speed]) => ({ kind, perRank, hours: hours / speed }));
};

const demandBy = (random: () => number, nowMs: number): Demand => {
  const accelerators = choicesOf(random);
  const hours = Math.max(...accelerators.map((choice) => choice.hours));
  return {
    ranks: oneOf([1, 1, 1, 2, 4], random),
    accelerators,
    oneDomain: random() < 0.1,
    remaining: random() < 0.7 ? 1 : 0.2 + 0.8 * random(),
    checkpointHours: random() < 0.8 ? 0.1 + random() : null,
    restartHours: 0.1,
    data: [{ gigabytes: Math.round(500 * random()), at: null }],
    boundTo: null,
    deadlineMs: random() < 0.4 ? nowMs + hours * (1.05 + random()) * hourMs : null,
    leftUsd: random() < 0.2 ? 4_000 * random() : null,
    interruptible: random() < 0.6,
    jurisdictions: random() < 0.15 ? ['EU'] : null,
    sites: null,
  };
};

/** Jobs as they might wait, no two of them alike. */
export const jobMix = (count: number, random: () => number, nowMs: number): QueuedDemand[] =>
  Array.from({ length: count }, (_job, number) => ({ id: `job-${number}`, demand: demandBy(random, nowMs) }));
