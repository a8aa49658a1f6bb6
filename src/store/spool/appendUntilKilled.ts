// Run by a test as its own process: appends attempts to a real spool, tells each one once it is with the operating system, and waits to be killed.
import { writeSync } from 'node:fs';
import { silentLog } from '../../kernel/index.ts';
import { exampleFinal, exampleIntent, exampleRequest, machineClock } from '../exampleRecords.ts';
import { openSpool } from './openSpool.ts';

const directory = process.argv[2] ?? '';
const { spool, recovered } = await openSpool({
  directory,
  clock: machineClock,
  log: silentLog,
  durability: 'group',
  limits: { segmentBytes: 64 * 1024, reserveBytes: 4096, retainedSegments: 1_000_000 },
});

/** The parent believes a line only when it is whole. */
const tell = (line: string): void => void writeSync(1, `${line}\n`);

tell(`ready ${recovered.intentsWithoutFinal} ${recovered.tornBytes}`);

const step = (): void => {
  const intent = exampleIntent();
  spool.append(intent);
  tell(`intent ${intent.attemptId}`);
  const final = exampleFinal(intent);
  spool.append(final);
  tell(`final ${intent.attemptId}`);
  spool.append(exampleRequest([final]));
  tell(`request ${intent.requestId}`);
  setImmediate(step);
};
step();
