import { statfsSync, writeSync } from 'node:fs';
import type { Clock } from '../kernel/index.ts';
import { UuidV7Maker } from '../kernel/index.ts';
import { createLog, createTerminalLog, type LogLevel } from '../telemetry/index.ts';
import type { Log } from '../kernel/index.ts';
import { LogSink } from './LogSink.ts';

/** The machine's time. */
export const machineClock: Clock = { nowMs: () => Date.now(), monotonicMs: () => performance.now() };

/** Free bytes of the disk that a folder lies on, for an ordinary user. */
export const freeBytesOf = (folder: string): number => {
  const { bavail, bsize } = statfsSync(folder);
  return bavail * bsize;
};

/** Ids from the machine's randomness. */
export const machineIds = (): UuidV7Maker => new UuidV7Maker((bytes) => void crypto.getRandomValues(bytes));

const levelOf = (text: string | undefined): LogLevel =>
  text === 'debug' || text === 'warn' || text === 'error' ? text : 'info';

/** The log on stderr: lines for people on a terminal, JSON elsewhere. `ARCHIPEL_LOG` sets its level. */
export const machineLog = (env: Readonly<Record<string, string | undefined>>): Log => {
  const isTerminal = process.stderr.isTTY === true;
  const logInto = (write: (line: string) => void): Log => {
    const options = { write, level: levelOf(env['ARCHIPEL_LOG']), clock: machineClock };
    return isTerminal ? createTerminalLog({ ...options, color: !env['NO_COLOR'] }) : createLog(options);
  };
  const sink = new LogSink(
    (bytes) => writeSync(process.stderr.fd, bytes),
    (lines) => {
      let text = '';
      logInto((line) => (text += line)).error('lines of the log were lost: its place took none', { lines });
      return text;
    },
  );
  return logInto((line) => sink.write(line));
};
