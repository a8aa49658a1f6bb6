import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { silentLog } from '../../src/kernel/index.ts';
import { nodeFiles, openSpool } from '../../src/store/index.ts';
import { Chance } from './Chance.ts';
import { PausedProcess } from './PausedProcess.ts';
import { PowerLossDisk } from './PowerLossDisk.ts';
import { readSpoolFolder, type KeptRecord } from './readSpoolFolder.ts';
import { unsyncedNode } from './unsyncedNode.ts';

const writer = join(import.meta.dirname, '../../src/store/spool/appendUntilStopped.ts');
const otherBoot = '11111111-2222-4333-8444-555555555555';

/** A hundred times what a group of records waits for its sync: what was taken before is on disk, however busy the machine. */
export const groupPromiseMs = 1_000;

/** One power loss. */
export interface Loss {
  /** Acknowledged as durable before it. */
  readonly promised: number;
  /** Of those, not there afterwards. */
  readonly lost: number;
  /** Records that are there twice. */
  readonly doubled: number;
  /** Records that were taken and not promised, and are gone: allowed. */
  readonly gone: number;
}

export interface SpoolLossOptions {
  readonly durability: 'group' | 'strict';
  readonly images: number;
  readonly seed: number;
  /** Off: syncs do nothing. */
  readonly synced: boolean;
}

const nameOf = (record: KeptRecord): string =>
  `${record.type} ${record.type === 'request' ? record.requestId : record.attemptId}`;

/** Opens a spool as on the next boot of the machine, which cuts, settles and syncs, and gives what it then holds. */
export const recoverSpool = async (directory: string): Promise<readonly KeptRecord[]> => {
  const clock = { nowMs: () => Date.now(), monotonicMs: () => performance.now() };
  const files = { ...nodeFiles, bootId: () => otherBoot };
  // Its holder ended with the machine that lost its power; on this one it only stands still.
  rmSync(join(directory, 'spool.lock'), { force: true });
  const { spool } = await openSpool({ directory, clock, log: silentLog, durability: 'strict', files });
  await spool.close();
  return readSpoolFolder(directory);
};

/** What the writer told, with the time at which it was heard. */
class Told {
  readonly taken = new Map<string, number>();
  readonly synced = new Set<string>();
  /** Of the writer, which is not the child where that only traces it. */
  pid = 0;
  #rest = '';

  hear(bytes: Buffer): void {
    const lines = (this.#rest + bytes.toString()).split('\n');
    this.#rest = lines.pop() ?? '';
    for (const line of lines) {
      const [word, type, id] = line.split(' ');
      if (word === 'ready') this.pid = Number(type);
      if (word === 'taken') this.taken.set(`${type} ${id}`, performance.now());
      if (word === 'synced') this.synced.add(`${type} ${id}`);
    }
  }

  promisedAt(stopMs: number): ReadonlySet<string> {
    const old = [...this.taken].filter(([, heardMs]) => heardMs < stopMs - groupPromiseMs).map(([name]) => name);
    return new Set([...this.synced, ...old]);
  }
}

const lossOf = (told: Told, promised: ReadonlySet<string>, records: readonly KeptRecord[]): Loss => {
  const names = records.map(nameOf);
  const there = new Set(names);
  const missing = [...told.taken.keys()].filter((name) => !there.has(name));
  const lost = missing.filter((name) => promised.has(name)).length;
  return { promised: promised.size, lost, doubled: names.length - there.size, gone: missing.length - lost };
};

const ready = async (child: ChildProcess, told: Told): Promise<void> => {
  child.stdout?.on('data', (bytes: Buffer) => told.hear(bytes));
  while (told.taken.size === 0) {
    if (child.exitCode !== null || child.signalCode !== null)
      throw new Error(`the writer ended with ${child.exitCode}`);
    await pause(5);
  }
};

/** Lets a spool write, stops it at random moments and takes the power away each time. */
export const spoolLosses = async (options: SpoolLossOptions): Promise<readonly Loss[]> => {
  const chance = new Chance(options.seed);
  const disk = await PowerLossDisk.open(64);
  const directory = join(disk.folder, 'spool');
  mkdirSync(directory);
  // The control loses records then, not the folder.
  execFileSync('sync', ['-f', directory]);
  const node = options.synced ? process.execPath : unsyncedNode(disk.folder);
  const child = spawn(node, [writer, directory, options.durability], { stdio: ['ignore', 'pipe', 'inherit'] });
  const told = new Told();
  try {
    await ready(child, told);
    const losses: Loss[] = [];
    for (let count = 0; count < options.images; count += 1) {
      await pause(20 + chance.below(200));
      losses.push(await loseOnce(disk, told));
    }
    return losses;
  } finally {
    if (told.pid > 0) process.kill(told.pid, 'SIGKILL');
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    await disk.close();
  }
};

const loseOnce = async (disk: PowerLossDisk, told: Told): Promise<Loss> => {
  const paused = await PausedProcess.stop(told.pid);
  try {
    const stopMs = performance.now();
    await pause(20);
    const promised = told.promisedAt(stopMs);
    const image = await disk.image();
    try {
      return lossOf(told, promised, await recoverSpool(join(image.folder, 'spool')));
    } finally {
      await image.close();
    }
  } finally {
    paused.go();
  }
};
