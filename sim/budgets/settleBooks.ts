import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AdminPlane } from '../../test/rigs/AdminPlane.ts';
import { costRows, writeCosts } from '../../test/rigs/costExport.ts';
import { ledgerTotalAt } from '../../test/rigs/ledgerRows.ts';
import type { Fleet } from '../../test/rigs/openFleet.ts';
import { runArchipel } from '../../test/rigs/startServer.ts';

/** Behind all days of a bill: none of them is still open. */
const afterAll = '2100-01-01';

export interface SettledBooks {
  readonly settledAttempts: number;
  readonly billNanoUsd: bigint;
  readonly ledgerNanoUsd: bigint;
  readonly faults: readonly string[];
}

/** Has an operator settle by the vendors' bills what the ledger could only bound: then it is equal to them, whatever died. */
export const settleBooks = async ({ rivals, replicas, database }: Fleet): Promise<SettledBooks> => {
  const server = replicas[0]?.server;
  if (server === undefined || database === null) throw new Error('there is no ledger to settle');
  const folder = mkdtempSync(join(tmpdir(), 'archipel-bills-'));
  try {
    const vendors = rivals.sandbox.vendors.map(({ name }) => name);
    const lines = vendors.flatMap((name) => rivals.bill(name));
    const bill = join(folder, 'bill.csv');
    writeCosts(bill, lines.flatMap(costRows));
    const providers = vendors.flatMap((vendor) => ['--provider', vendor]);
    const command = ['reconcile', '--invoice', bill, ...providers, '--settle', '--to', afterAll, '--tolerance', '0'];
    const { code, stdout, stderr } = await runArchipel([...command, '--json', '--data-dir', server.dataDir]);
    if (code !== 0)
      return {
        settledAttempts: 0,
        billNanoUsd: 0n,
        ledgerNanoUsd: 0n,
        faults: [`reconcile: ${code} ${stderr}${stdout}`],
      };
    const told: { readonly settledAttempts: number } = JSON.parse(stdout);
    const billNanoUsd = lines.reduce((sum, { nanoUsd }) => sum + nanoUsd, 0n);
    const ledgerNanoUsd = await ledgerTotalAt(database.directUrl);
    const verified = await new AdminPlane(server).ledgerFaults();
    return {
      settledAttempts: told.settledAttempts,
      billNanoUsd,
      ledgerNanoUsd,
      faults: [
        ...(ledgerNanoUsd === billNanoUsd ? [] : [`settled: ${ledgerNanoUsd}, and the bills are ${billNanoUsd}`]),
        ...verified.map((fault) => `ledger verify, settled: ${JSON.stringify(fault)}`),
      ],
    };
  } finally {
    rmSync(folder, { recursive: true });
  }
};
