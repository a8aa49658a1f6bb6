import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { AdminPlane } from './AdminPlane.ts';
import { Chance } from './Chance.ts';
import { ledgerRows } from './ledgerRows.ts';
import { load, type Outcome } from './load.ts';
import { PausedProcess } from './PausedProcess.ts';
import { endPostmaster, postmasterOf } from './postmaster.ts';
import { PowerLossDisk } from './PowerLossDisk.ts';
import type { KeptRecord } from './readSpoolFolder.ts';
import { rebootedServer } from './rebootedServer.ts';
import { faultsOfAnswers } from './reconcile.ts';
import { clientKey, type Rivals } from './rivals.ts';
import { groupPromiseMs, recoverSpool, type Loss } from './spoolLosses.ts';
import { removeFolder, startServer, temporaryFolder, type Server } from './startServer.ts';
import { unsyncedNode } from './unsyncedNode.ts';

export interface ServerLossOptions {
  readonly rivals: Rivals;
  readonly durability: 'group' | 'strict';
  readonly images: number;
  /** Of them, how many the whole program recovers, with its database; the others the spool alone. */
  readonly byProgram: number;
  readonly seed: number;
  /** Off: syncs do nothing. */
  readonly synced: boolean;
}

/** A power loss of the whole program. */
export interface ServerLoss extends Loss {
  /** What the program that started again has wrong about answers that were promised; empty where only the spool was opened. */
  readonly faults: readonly string[];
  readonly byProgram: boolean;
}

interface Answered {
  readonly outcome: Outcome;
  readonly heardMs: number;
}

const concurrency = 20;

const configurationOf = ({ rivals, durability }: ServerLossOptions): string =>
  `${rivals.configuration()}ledger: { durability: ${durability} }\n`;

/** Whole answers that a client has. */
class Answers {
  readonly all: Answered[] = [];

  readonly hear = (outcome: Outcome): void => {
    if (outcome.fault === null) this.all.push({ outcome, heardMs: performance.now() });
  };

  /** Strict: each whose last byte came. Group: those that came before the last group's time was over. */
  promised(durability: 'group' | 'strict', stopMs: number): readonly Outcome[] {
    const beforeMs = durability === 'strict' ? Infinity : stopMs - groupPromiseMs;
    return this.all.filter(({ heardMs }) => heardMs < beforeMs).map(({ outcome }) => outcome);
  }
}

const isKept = (outcome: Outcome, requests: ReadonlyMap<string, KeptRecord>, finals: ReadonlySet<string>): boolean => {
  const request = requests.get(outcome.requestId ?? '');
  const ids = request?.attemptIds ?? [];
  return ids.length === outcome.attempts && ids.every((id) => finals.has(id));
};

/** Of these answers, those that records do not have whole. */
export const notKept = (outcomes: readonly Outcome[], records: readonly KeptRecord[]): readonly Outcome[] => {
  const requests = new Map(records.filter(({ type }) => type === 'request').map((one) => [one.requestId, one]));
  const finals = new Set(records.flatMap(({ type, attemptId }) => (type === 'final' ? (attemptId ?? []) : [])));
  return outcomes.filter((outcome) => !isKept(outcome, requests, finals));
};

const lossOf = (answers: Answers, promised: readonly Outcome[], records: readonly KeptRecord[]): Loss => {
  const names = records.map((one) => `${one.type} ${one.type === 'request' ? one.requestId : one.attemptId}`);
  const missing = notKept(
    answers.all.map(({ outcome }) => outcome),
    records,
  ).length;
  const lost = notKept(promised, records).length;
  return { promised: promised.length, lost, doubled: names.length - new Set(names).size, gone: missing - lost };
};

/**
 * Starts the program on what a power loss left of its disk, and holds its ledger against the answers that were promised.
 * @returns what does not hold
 */
export const faultsAfterReboot = async (
  rivals: Rivals,
  configuration: string,
  dataDir: string,
  promised: readonly Outcome[],
): Promise<readonly string[]> => {
  const scratch = temporaryFolder();
  try {
    const server = await rebootedServer({ dataDir, scratch, configuration, env: rivals.env });
    try {
      const plane = new AdminPlane(server);
      await plane.drain();
      const faults = faultsOfAnswers(await ledgerRows(dataDir), promised);
      return [...faults, ...(await plane.ledgerFaults()).map((fault) => JSON.stringify(fault))];
    } finally {
      await server.kill();
    }
  } finally {
    removeFolder(scratch);
  }
};

/** Lets the real program serve, stops it at random moments and takes the power away each time. */
export const serverLosses = async (options: ServerLossOptions): Promise<readonly ServerLoss[]> => {
  const { rivals, seed, synced } = options;
  const disk = await PowerLossDisk.open(320);
  const dataDir = join(disk.folder, 'data');
  mkdirSync(dataDir);
  const until = new AbortController();
  let server: Server | null = null;
  let loading: Promise<unknown> = Promise.resolve();
  try {
    server = await startServer({
      configuration: configurationOf(options),
      dataDir,
      env: rivals.env,
      ...(synced ? {} : { node: unsyncedNode(disk.folder) }),
    });
    const answers = new Answers();
    const asked = { url: server.url, key: clientKey, model: 'aurora-across', concurrency, seed };
    loading = load({
      ...asked,
      name: `power ${options.durability}`,
      until: until.signal,
      onOutcome: answers.hear,
    });
    return await loseAgainAndAgain(disk, server, answers, options);
  } finally {
    until.abort();
    await loading;
    await Promise.all([server?.kill(), endPostmaster(dataDir)]);
    await disk.close();
  }
};

const loseAgainAndAgain = async (
  disk: PowerLossDisk,
  server: Server,
  answers: Answers,
  options: ServerLossOptions,
): Promise<readonly ServerLoss[]> => {
  const chance = new Chance(options.seed);
  const losses: ServerLoss[] = [];
  // What was promised in groups has to be old enough to be so.
  await pause(groupPromiseMs + 500);
  for (let count = 0; count < options.images; count += 1) {
    await pause(20 + chance.below(300));
    losses.push(await loseOnce(disk, server, answers, { ...options, byProgram: count < options.byProgram ? 1 : 0 }));
  }
  return losses;
};

const loseOnce = async (
  disk: PowerLossDisk,
  server: Server,
  answers: Answers,
  options: ServerLossOptions,
): Promise<ServerLoss> => {
  const { durability } = options;
  const postmaster = postmasterOf(server.dataDir);
  if (postmaster === null) throw new Error('no database runs');
  const paused = await PausedProcess.stop(server.pid);
  const stopMs = performance.now();
  const database = await PausedProcess.stop(postmaster, 'with children');
  try {
    // What was sent before reaches the clients.
    await pause(30);
    const promised = answers.promised(durability, stopMs);
    const image = await disk.image();
    try {
      const dataDir = join(image.folder, 'data');
      const byProgram = options.byProgram > 0;
      const faults = byProgram
        ? await faultsAfterReboot(options.rivals, configurationOf(options), dataDir, promised)
        : [];
      return { ...lossOf(answers, promised, await recoverSpool(join(dataDir, 'spool'))), faults, byProgram };
    } finally {
      await image.close();
    }
  } finally {
    database.go();
    paused.go();
  }
};
