import type { Usage } from '../../vocabulary/index.ts';

/** Makes a usage of its buckets; those with nothing in them are left out. */
export const usageOf = (buckets: Usage): Usage =>
  Object.fromEntries(Object.entries(buckets).filter(([, units]) => units > 0));
