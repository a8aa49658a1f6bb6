import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Trace, TraceRequest } from './Trace.ts';

export const traceFolder = join(import.meta.dirname, '../../../test/fixtures/traces');

/** Requests of one conversation that came at the same moment follow each other by this. */
const turnGapS = 0.05;

/** Beginnings in each whole minute over their mean; the last minute is cut off, for the trace ends within it. */
const burstsOf = (startsMs: readonly number[]): number[] => {
  const minutes = startsMs.map((startMs) => Math.floor(startMs / 60_000));
  const counts = Array.from({ length: Math.max(...minutes) }, () => 0);
  for (const minute of minutes) if (minute < counts.length) counts[minute] = (counts[minute] ?? 0) + 1;
  const mean = counts.reduce((sum, count) => sum + count, 0) / counts.length;
  return counts.map((count) => count / mean);
};

/**
 * Reads `<folder>/<name>.csv` as importTraces.ts writes it: lines of `turn,startMs,inputTokens,outputTokens,reusableTokens`, conversation by
 * conversation; a line of turn 0 begins one.
 */
export const readTrace = (name: string, folder: string = traceFolder): Trace => {
  const lines = readFileSync(join(folder, `${name}.csv`), 'utf8')
    .trim()
    .split('\n')
    .slice(1);
  const conversations: TraceRequest[][] = [];
  const startsMs: number[] = [];
  for (const line of lines) {
    const [turn = NaN, startMs = NaN, inputTokens = NaN, outputTokens = NaN, reusableTokens = NaN] = line
      .split(',')
      .map(Number);
    if (!Number.isInteger(turn + startMs + inputTokens + outputTokens + reusableTokens))
      throw new Error(`${name}.csv: "${line}" is no request`);
    if (turn === 0) {
      conversations.push([]);
      startsMs.push(startMs);
    }
    const sinceS = (startMs - (startsMs.at(-1) ?? NaN)) / 1_000 + turn * turnGapS;
    conversations.at(-1)?.push({ sinceS, inputTokens, outputTokens, reusableTokens });
  }
  return { name, hasCaches: name.startsWith('mooncake'), conversations, bursts: burstsOf(startsMs) };
};
