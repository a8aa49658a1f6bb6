import { setTimeout as pause } from 'node:timers/promises';
import { expect } from 'vitest';
import { AdminPlane } from './AdminPlane.ts';
import { expectNoFault, expectRecorded } from './expectAnswers.ts';
import { explainFault } from './explainFault.ts';
import { durationFigures, extraCallsFigure, secondsFigure } from './figures.ts';
import type { LedgerRows } from './ledgerRows.ts';
import { wrongByOurs } from './lateVendors.ts';
import { clientWires, load, type ClientWire, type Outcome } from './load.ts';
import { openOutages, type Outages } from './openOutages.ts';
import {
  alarmsIn,
  freshRows,
  metFault,
  needsPeople,
  outages,
  reconcileWith,
  vendorWords,
  type Outage,
} from './outage.ts';
import type { Reconciliation } from './reconcile.ts';
import { removeServer } from './removeServer.ts';
import { extraCallsMax, RetryAllowance } from './RetryAllowance.ts';
import { clientKey, rivalOf } from './rivals.ts';
import { startServer, type Server } from './startServer.ts';

export interface MatrixOptions {
  /** The one that is out. */
  readonly vendor: string;
  /** Of a cell. */
  readonly requests: number;
  readonly concurrency: number;
  readonly seed: number;
  /** Given what ends and removes a thing that was opened. */
  readonly onOpen: (end: () => Promise<void>) => void;
}

/** One outage as the clients of one kind see it. */
export interface CellFigures {
  readonly fault: Outage;
  readonly wire: ClientWire;
  readonly stream: boolean;
  readonly requests: number;
  readonly errors: number;
  /** Attempts that met the fault. */
  readonly met: number;
  readonly extraCalls: number;
  /** Runs that were void, because a vendor that is well was late. */
  readonly voided: number;
  readonly seconds: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

export interface MatrixFigures {
  readonly vendor: string;
  readonly requests: number;
  readonly extraCalls: number;
  readonly recoverySeconds: number;
  readonly seconds: number;
  readonly cells: readonly CellFigures[];
  readonly reconciliations: readonly Reconciliation[];
}

/** Clients of one kind and their gateway. Each kind has its own, with its own retry budget, so that the kinds need not wait for one another. */
interface Kind {
  readonly wire: ClientWire;
  readonly stream: boolean;
  readonly server: Server;
  readonly allowance: RetryAllowance;
  readonly outcomes: Outcome[];
}

interface Cell {
  readonly kind: Kind;
  readonly fault: Outage;
  readonly outcomes: readonly Outcome[];
  readonly voided: number;
  readonly seconds: number;
}

const sdkShare = 0.1;
const warmRequests = 40;
/** How often a cell may be void. */
const voidMax = 2;

const loadOf = ({ server, wire, stream }: Kind, options: MatrixOptions, name: string) => ({
  url: server.url,
  key: clientKey,
  wire,
  streamShare: stream ? 1 : 0,
  seed: options.seed,
  name: `${options.vendor} ${name} ${wire} ${stream}`,
});

/** A gateway that has its vendor over an endpoint apart for each outage, and the vendor's rival to move on to. @param started takes its server */
const openKind = async (
  wire: ClientWire,
  stream: boolean,
  world: Outages,
  options: MatrixOptions,
  started: Server[],
): Promise<Kind> => {
  const apart = outages.map((fault) => ({ name: fault, vendor: world.out(fault).vendor(options.vendor) }));
  const server = await startServer({ configuration: world.well.configuration({ apart }), env: world.well.env });
  started.push(server);
  return { wire, stream, server, allowance: new RetryAllowance(), outcomes: [] };
};

/** The first requests of a process are slow ones: they are not to be an outage's. */
const warm = async (kind: Kind, options: MatrixOptions): Promise<void> => {
  const light = { ...loadOf(kind, options, 'before'), model: `${options.vendor}-across`, requests: warmRequests };
  kind.outcomes.push(...(await load({ ...light, concurrency: 5, sdkShare })));
};

const runCell = async (kind: Kind, fault: Outage, options: MatrixOptions, voided = 0): Promise<Cell> => {
  const { requests, concurrency, seed, vendor } = options;
  await kind.allowance.room(concurrency);
  const startedMs = performance.now();
  const asked = { ...loadOf(kind, options, `${fault} ${voided}`), model: `${fault}-first`, requests, concurrency };
  const outcomes = await load({ ...asked, sdkShare });
  const seconds = secondsFigure(startedMs);
  const extraCalls = extraCallsFigure(outcomes);
  kind.allowance.spend(extraCalls, requests);
  const faulty = outcomes.filter((outcome) => outcome.fault !== null);
  // Slowness alone is well enough.
  const well = new Set([rivalOf(vendor), ...(fault === 'slow' ? [fault] : [])]);
  if (faulty.length > 0 && voided < voidMax && (await wrongByOurs(kind.server, faulty, well)).length === 0) {
    kind.outcomes.push(...outcomes.filter((outcome) => outcome.fault === null));
    return runCell(kind, fault, options, voided + 1);
  }
  kind.outcomes.push(...outcomes);
  const what = `${vendor} ${fault}, ${kind.wire}, ${kind.stream ? 'streams' : 'whole answers'}`;
  expect(faulty.length, `${what}\n${await explainFault(kind.server, outcomes, seed)}`).toBe(0);
  expect(extraCalls, `${what}: extra calls`).toBeLessThanOrEqual(extraCallsMax(requests, concurrency, seconds));
  return { kind, fault, outcomes, voided, seconds };
};

/** Longer than the second time out of what only people mend. */
const recoveryMsMax = 100_000;
const inRow = 4;

/** Light traffic until a healed endpoint serves again: nothing else tells the gateway. */
const recover = async (kind: Kind, fault: Outage, options: MatrixOptions): Promise<void> => {
  const endMs = performance.now() + recoveryMsMax;
  for (let served = 0, round = 0; served < inRow; round += 1) {
    const what = `${options.vendor} did not come back from ${fault} within ${recoveryMsMax} ms`;
    expect(performance.now(), what).toBeLessThan(endMs);
    const light = { ...loadOf(kind, options, `after ${fault} ${round}`), model: `${fault}-first`, requests: 2 };
    const outcomes = await load({ ...light, concurrency: 2 });
    kind.outcomes.push(...outcomes);
    served = outcomes.every(({ target }) => target?.startsWith(`${fault}/`)) ? served + outcomes.length : 0;
    if (served === 0) await pause(500);
  }
};

const joined = (ledgers: readonly LedgerRows[]): LedgerRows => ({
  attempts: ledgers.flatMap(({ attempts }) => attempts),
  requests: ledgers.flatMap(({ requests }) => requests),
});

/** What each gateway has recorded, held against what its clients saw. */
const recordedRows = async ({ server, outcomes }: Kind, seed: number): Promise<LedgerRows> => {
  const rows = await freshRows(server);
  await expectNoFault(server, outcomes, seed);
  await expectRecorded(server, rows, outcomes, seed);
  expect(await new AdminPlane(server).ledgerFaults()).toEqual([]);
  expect(alarmsIn(server.stderr())).toEqual([...needsPeople].map((fault) => `${fault}/${fault}`).toSorted());
  return rows;
};

/** The ledgers of all kinds together, against the bill of every outage and of the rivals. */
const reconciled = async (
  rows: LedgerRows,
  kinds: readonly Kind[],
  world: Outages,
  vendor: string,
): Promise<readonly Reconciliation[]> => {
  const outcomes = kinds.flatMap((kind) => kind.outcomes);
  const ofOutages = outages.map((fault) => reconcileWith(rows, outcomes, world.out(fault), vendor, [fault]));
  const ofRivals = world.well.sandbox.vendors.map(({ name }) =>
    reconcileWith(rows, outcomes, world.well, name, [name]),
  );
  const reconciliations = await Promise.all([...ofOutages, ...ofRivals]);
  for (const { account, faults } of reconciliations) expect(faults, account).toEqual([]);
  return reconciliations;
};

/** @param rows of the cell's gateway */
const figuresOf = ({ kind, fault, outcomes, voided, seconds }: Cell, rows: LedgerRows): CellFigures => {
  const { wire, stream } = kind;
  const met = rows.attempts.filter((row) => metFault(row, fault, fault));
  return {
    fault,
    wire,
    stream,
    requests: outcomes.length,
    errors: outcomes.filter((outcome) => outcome.fault !== null).length,
    met: met.length,
    extraCalls: extraCallsFigure(outcomes),
    voided,
    seconds,
    ...durationFigures(outcomes),
  };
};

/**
 * One vendor with every fault, under clients of both wires, streaming and not: none of them sees it, though the only other seller speaks the other
 * wire. Then the vendor is healed and serves again, and all ledgers are held against all bills.
 */
export const runMatrix = async (options: MatrixOptions): Promise<MatrixFigures> => {
  const startedMs = performance.now();
  const { vendor, seed, onOpen } = options;
  const world = await openOutages(seed);
  onOpen(() => world.close());
  const servers: Server[] = [];
  onOpen(async () => void (await Promise.all(servers.map(removeServer))));
  const kinds = await Promise.all(
    clientWires.flatMap((wire) => [false, true].map((stream) => openKind(wire, stream, world, options, servers))),
  );
  for (const kind of kinds) await warm(kind, options);
  const cells: Cell[] = [];
  // One after another, so that each is loaded as told.
  for (const fault of outages) for (const kind of kinds) cells.push(await runCell(kind, fault, options));
  await world.heal();
  const healedMs = performance.now();
  await Promise.all(kinds.flatMap((kind) => outages.map((fault) => recover(kind, fault, options))));
  const recoverySeconds = secondsFigure(healedMs);
  const ledgers = new Map<Kind, LedgerRows>();
  for (const kind of kinds) ledgers.set(kind, await recordedRows(kind, seed));
  const reconciliations = await reconciled(joined([...ledgers.values()]), kinds, world, vendor);
  expect(vendorWords.test(JSON.stringify(kinds.map(({ outcomes }) => outcomes)))).toBe(false);
  const figures = cells.map((cell) => figuresOf(cell, ledgers.get(cell.kind)!));
  expect(figures.filter(({ met }) => met === 0)).toEqual([]);
  return {
    vendor,
    requests: figures.reduce((sum, { requests }) => sum + requests, 0),
    extraCalls: figures.reduce((sum, { extraCalls }) => sum + extraCalls, 0),
    recoverySeconds,
    seconds: secondsFigure(startedMs),
    cells: figures,
    reconciliations,
  };
};
