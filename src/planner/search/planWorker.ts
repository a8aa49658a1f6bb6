// One of the two workers of a plan: it computes without a pause, and tells what it finds.
import { setTimeout as pause } from 'node:timers/promises';
import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import { freshHighs, loadHighs } from '../linear/loadHighs.ts';
import type { Allowance } from './Allowance.ts';
import { PlanBound } from './PlanBound.ts';
import { PlanSearch, type Selection } from './PlanSearch.ts';
import { gapOf } from './gapOf.ts';
import { policyConflict } from './policyConflict.ts';
import { seededRandom } from '../../kernel/index.ts';
import { Sharing } from './Sharing.ts';
import type { PlanWorkerData } from './PlanWorkerData.ts';

const lookMs = 20;
const restMs = 100;
/** How long the tree is kept back for the first good plan: cut off at its cost, it is smaller. CPU-seconds. */
const waitCpuSeconds = 25;

const { role, problem, sharing: buffer, limits, seed, proposals } = workerData as PlanWorkerData;
const sharing = new Sharing(buffer);
const post = (message: object): void => parentPort?.postMessage(message);
const cpuBefore = process.cpuUsage();
const cpuSeconds = (): number => {
  const { user, system } = process.cpuUsage(cpuBefore);
  return (user + system) / 1e6;
};

let programs = 0;
let boundTold = -Infinity;
const allowance: Allowance = {
  spent: () => {
    if (sharing.stopped) return true;
    if (limits.kind === 'work') return role === 'search' && programs > limits.programs;
    if (cpuSeconds() > limits.cpuSeconds) return true;
    const { upper, lower } = sharing;
    return Number.isFinite(upper) && gapOf(upper, lower) <= limits.gap;
  },
};

if (role === 'search') {
  const highs = await loadHighs();
  const search = new PlanSearch(highs, problem, {
    allowance,
    random: seededRandom(seed),
    found: (incumbent) => {
      sharing.improve('searchUpper', incumbent.evaluation.objective);
      post({ kind: 'found', incumbent });
    },
    bounded: (bound) => {
      sharing.improve('searchLower', bound);
      post({ kind: 'bounded', role, bound });
    },
    told: (progress) => {
      programs = progress.programs;
      post({ kind: 'told', role, progress });
    },
    counted: (count) => {
      programs = count;
    },
    proposed: () => {
      if (limits.kind === 'work') return null;
      const received = receiveMessageOnPort(proposals) as { readonly message: Selection } | undefined;
      return received?.message ?? null;
    },
    settled: () => sharing.settle(),
    rest: () => {
      if (limits.kind === 'work' || !sharing.proving) return false;
      sharing.sleep(restMs);
      return true;
    },
  });
  const { feasible } = search.run();
  search.dispose();
  post({ kind: 'ended', role, feasible, conflict: feasible ? null : policyConflict(highs, problem) });
} else {
  const bound = new PlanBound(problem, {
    fresh: freshHighs,
    allowance,
    best: () => (limits.kind === 'work' ? Infinity : sharing.upper),
    bounded: (figure) => {
      if (figure <= boundTold) return;
      boundTold = figure;
      sharing.improve('boundLower', figure);
      post({ kind: 'bounded', role, bound: figure });
    },
    told: (progress) => post({ kind: 'told', role, progress }),
    propose: (selection) => proposals.postMessage(selection),
    wait: async () => {
      if (limits.kind === 'work') return;
      while (!sharing.settled && !allowance.spent() && cpuSeconds() < waitCpuSeconds) await pause(lookMs);
    },
    seed,
    nodesMax: limits.kind === 'work' ? limits.nodes : Infinity,
  });
  const { feasible } = await bound.run();
  sharing.proved();
  post({ kind: 'ended', role, feasible, conflict: null });
}
proposals.close();
