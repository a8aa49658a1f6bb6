import { outages, type Outage } from './outage.ts';
import { openRivals, type Rivals } from './rivals.ts';

/** Vendors that are well, and beside them vendors for each fault, which all have it: no outage waits until another one is healed. */
export interface Outages {
  readonly well: Rivals;
  out(fault: Outage): Rivals;
  heal(): Promise<void>;
  close(): Promise<void>;
}

/** @param faults with their details, as the sandbox takes them */
export const openOutages = async (
  seed: number,
  faults: readonly Outage[] = outages,
  details: Readonly<Record<string, number>> = {},
): Promise<Outages> => {
  const all: Rivals[] = [];
  const open = async (sharedThread: boolean): Promise<Rivals> => {
    const rivals = await openRivals({ seed, sharedThread });
    all.push(rivals);
    return rivals;
  };
  const setAll = (rivals: Rivals, fault: string): Promise<unknown> =>
    Promise.all(rivals.sandbox.vendors.map(({ name }) => rivals.setFault(name, fault, details)));
  const well = await open(false);
  const out = new Map<Outage, Rivals>();
  for (const fault of faults) {
    const rivals = await open(true);
    out.set(fault, rivals);
    await setAll(rivals, fault);
  }
  return {
    well,
    out: (fault) => out.get(fault)!,
    heal: async () => {
      for (const rivals of out.values()) await setAll(rivals, 'none');
    },
    close: async () => {
      await Promise.all(all.map((rivals) => rivals.close()));
    },
  };
};
