import type { HostShare } from './fields.ts';

/** Host of what does not say where it runs. */
const unknownHost = 'unknown';

/** Host name -> share, as Float64 for comparison. A share that nobody knows counts whole: its worst case. */
export const hostsOf = (hosts: readonly HostShare[]): Readonly<Record<string, number>> =>
  hosts.length === 0
    ? { [unknownHost]: 1 }
    : Object.fromEntries(
        hosts.map(({ name, share }) => [
          name,
          share === null ? 1 : Number(share.numerator) / Number(share.denominator),
        ]),
      );
