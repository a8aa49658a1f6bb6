import { failure, success, type Result } from '../kernel/index.ts';
import type { DrillReport } from './DrillReport.ts';

/** What can be asked of a drill that some requests met, and how a report tells it: null where it does not. */
const measures = {
  served: ({ servedShare }: DrillReport): number | null => servedShare,
  addedCost: ({ amountNanoUsd, usualNanoUsd }: DrillReport): number | null =>
    usualNanoUsd === null || usualNanoUsd === '0' ? null : Number(amountNanoUsd) / Number(usualNanoUsd) - 1,
  capsBroken: (report: DrillReport): number | null =>
    report.kind === 'live' ? null : Object.values(report.capsBroken).reduce((sum, count) => sum + count, 0),
};

type Measure = keyof typeof measures;

/** Something that is asked of a drill: served=0.99 at least; addedCost=0.2 and capsBroken=0 at most. */
export interface Requirement {
  readonly measure: Measure;
  readonly bound: number;
}

const isMeasure = (name: string): name is Measure => Object.hasOwn(measures, name);

/** Reads "served=0.99". @returns what is wrong, in words. */
export const readRequirement = (written: string): Result<Requirement, string> => {
  const [, name = '', bound = ''] = /^([A-Za-z]+)=(\d{1,9}(?:\.\d{1,9})?)$/.exec(written) ?? [];
  return isMeasure(name)
    ? success({ measure: name, bound: Number(bound) })
    : failure(`expected served=0.99, addedCost=0.2 or capsBroken=0, not ${written.slice(0, 100)}`);
};

/** Why a report says nothing of what is asked, in words; null where it does. */
const unknownBy = (report: DrillReport): string | null => {
  if (report.kind === 'live' && report.state === 'running') return 'the drill still runs';
  if (report.kind === 'live' && report.state === 'cut-off') return 'the drill was cut off with its process';
  return report.requests > 0 ? null : 'no request met the drill';
};

/** Why a report does not meet what is asked, in words; null where it does. What it does not tell is not met, and nothing is told by a drill that nobody met. */
export const missedBy = ({ measure, bound }: Requirement, report: DrillReport): string | null => {
  const unknown = unknownBy(report);
  if (unknown !== null) return `${measure} is not known: ${unknown}`;
  const found = measures[measure](report);
  if (found === null) return `${measure} is not known`;
  const isMet = measure === 'served' ? found >= bound : found <= bound;
  return isMet
    ? null
    : `${measure} is ${Number(found.toFixed(4))}, asked for was ${measure === 'served' ? 'at least' : 'at most'} ${bound}`;
};
