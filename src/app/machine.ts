import type { Clock } from '../kernel/index.ts';
import { UuidV7Maker } from '../kernel/index.ts';
import { createLog, createTerminalLog, type LogLevel } from '../telemetry/index.ts';
import type { Log } from '../kernel/index.ts';

/** The machine's time. */
export const machineClock: Clock = { nowMs: () => Date.now(), monotonicMs: () => performance.now() };

/** Ids from the machine's randomness. */
export const machineIds = (): UuidV7Maker => new UuidV7Maker((bytes) => void crypto.getRandomValues(bytes));

const levelOf = (text: string | undefined): LogLevel =>
  text === 'debug' || text === 'warn' || text === 'error' ? text : 'info';

/** The log on stderr: lines for people on a terminal, JSON elsewhere. `ARCHIPEL_LOG` sets its level. */
export const machineLog = (env: Readonly<Record<string, string | undefined>>): Log => {
  const write = (line: string): void => void process.stderr.write(line);
  const level = levelOf(env['ARCHIPEL_LOG']);
  if (process.stderr.isTTY !== true) return createLog({ write, level, clock: machineClock });
  return createTerminalLog({ write, level, clock: machineClock, color: !env['NO_COLOR'] });
};
