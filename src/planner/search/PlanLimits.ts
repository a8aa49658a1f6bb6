/**
 * When a search ends. By `time`: CPU-seconds of the whole process, or a gap that is good enough. By `work`: so many linear programs of the
 * search and so many nodes of one tree, whatever the machine: the same inputs give the same plan, bit for bit.
 */
export type PlanLimits =
  | { readonly kind: 'time'; readonly cpuSeconds: number; readonly gap: number }
  | { readonly kind: 'work'; readonly programs: number; readonly nodes: number };
