import type { Json } from '../../http/index.ts';
import type { StoredDrill } from '../../store/index.ts';
import { objectToJson } from '../toJson.ts';

/** A drill as it goes out. */
export interface DrillJson {
  readonly [name: string]: Json;
  readonly report: { readonly [name: string]: Json };
}

/**
 * One that is over by its time and of which no end is kept was cut off with its process.
 * @param nowMs Unix milliseconds.
 */
export const drillJson = (
  { id, startedBy, startedAtMs, endedAtMs, untilMs, report }: StoredDrill,
  nowMs: number,
): DrillJson => ({
  id,
  startedBy,
  startedAt: new Date(startedAtMs).toISOString(),
  endedAt: endedAtMs === null ? null : new Date(endedAtMs).toISOString(),
  report: objectToJson({
    ...report,
    // Reports of before say that of nothing everything was served.
    ...(report['requests'] === 0 ? { servedShare: null } : {}),
    ...(endedAtMs === null && untilMs <= nowMs ? { state: 'cut-off' } : {}),
  }),
});
