import { expect } from 'vitest';
import { inBandError } from './clients/Reading.ts';
import { expectRecorded } from './expectAnswers.ts';
import { clientWires, load, type ClientWire, type Outcome } from './load.ts';
import { openOutages } from './openOutages.ts';
import { freshRows, reconcileWith } from './outage.ts';
import { removeServer } from './removeServer.ts';
import { clientKey } from './rivals.ts';
import { startServer } from './startServer.ts';

export interface BreakOptions {
  /** Streams of a cell. */
  readonly requests: number;
  readonly seed: number;
  /** Given what ends and removes a thing that was opened. */
  readonly onOpen: (end: () => Promise<void>) => void;
}

/** What became of streams that their vendor breaks after some content. */
export interface BreakCell {
  readonly vendor: string;
  readonly fault: string;
  readonly wire: ClientWire;
  readonly whole: number;
  /** Ended by the protocol's own error. */
  readonly told: number;
  /** Ended as if they were whole, or by nothing at all. */
  readonly silent: number;
}

const faults = ['error-in-stream', 'cut-mid-stream'] as const;

/** Content events before the break. */
const afterEvents = 3;

const isTold = ({ via, status, fault }: Outcome): boolean =>
  status === 200 && fault !== null && (fault.startsWith(inBandError) || (via === 'sdk' && fault.startsWith('SDK: ')));

/** Breaks streams after their first content, for clients of both wires at vendors of both: where nobody goes on with answers, no failover can hide that. */
export const runBreaks = async ({ requests, seed, onOpen }: BreakOptions): Promise<readonly BreakCell[]> => {
  const world = await openOutages(seed, faults, { afterEvents });
  onOpen(() => world.close());
  const vendors = world.well.sandbox.vendors.map(({ name }) => name);
  const endpoints = vendors.flatMap((vendor) =>
    faults.flatMap((fault) => clientWires.map((wire) => ({ vendor, fault, wire, name: `${vendor}-${fault}-${wire}` }))),
  );
  const apart = endpoints.map(({ name, fault, vendor }) => ({ name, vendor: world.out(fault).vendor(vendor) }));
  const server = await startServer({
    configuration: world.well.configuration({ apart, midStream: 'never' }),
    env: world.well.env,
  });
  onOpen(() => removeServer(server));
  const all: Outcome[] = [];
  const cells: BreakCell[] = [];
  for (const { vendor, fault, wire, name } of endpoints) {
    const asked = {
      url: server.url,
      key: clientKey,
      wire,
      model: `${name}-first`,
      requests,
      seed,
      name: `break ${name}`,
    };
    const outcomes = await load({ ...asked, concurrency: 10, streamShare: 1, sdkShare: 0.2 });
    all.push(...outcomes);
    const whole = outcomes.filter((outcome) => outcome.fault === null).length;
    const told = outcomes.filter(isTold).length;
    const silent = outcomes.filter((outcome) => outcome.fault !== null && !isTold(outcome));
    expect(silent, name).toEqual([]);
    cells.push({ vendor, fault, wire, whole, told, silent: silent.length });
  }
  const rows = await freshRows(server);
  await expectRecorded(server, rows, all, seed);
  for (const fault of faults) {
    for (const vendor of vendors) {
      const providers = clientWires.map((wire) => `${vendor}-${fault}-${wire}`);
      const { faults: wrong } = await reconcileWith(rows, all, world.out(fault), vendor, providers);
      expect(wrong, `${vendor} ${fault}`).toEqual([]);
    }
  }
  return cells;
};
