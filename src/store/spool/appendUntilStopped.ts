// Run by a rig as its own process: appends attempts to a real spool and tells of each record when it is taken and when it is on disk, until it is stopped.
import { writeSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { silentLog } from '../../kernel/index.ts';
import type { SpoolRecord } from '../../vocabulary/index.ts';
import { exampleFinal, exampleIntent, exampleRequest, machineClock } from '../exampleRecords.ts';
import { openSpool } from './openSpool.ts';

/** Attempts that are written at a time. */
const writers = 8;

const [directory = '', durability] = process.argv.slice(2);
const { spool } = await openSpool({
  directory,
  clock: machineClock,
  log: silentLog,
  durability: durability === 'group' ? 'group' : 'strict',
  limits: { segmentBytes: 64 * 1024, reserveBytes: 64 * 1024, retainedSegments: 1_000_000 },
});

/** The parent believes a line only when it is whole. */
const tell = (line: string): void => void writeSync(1, `${line}\n`);

const keep = async (record: SpoolRecord): Promise<void> => {
  const name = `${record.type} ${record.type === 'request' ? record.requestId : record.attemptId}`;
  const position = spool.append(record);
  tell(`taken ${name}`);
  await spool.synced(position);
  tell(`synced ${name}`);
};

const write = async (): Promise<void> => {
  for (;;) {
    const intent = exampleIntent();
    await keep(intent);
    const final = exampleFinal(intent);
    await keep(final);
    await keep(exampleRequest([final]));
    await pause(1);
  }
};

tell(`ready ${process.pid}`);
await Promise.all(Array.from({ length: writers }, write));
