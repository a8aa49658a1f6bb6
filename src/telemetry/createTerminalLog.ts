import type { Log } from '../kernel/index.ts';
import type { PrintableValue } from './boundedField.ts';
import { leveledLog, logEntry, printableEvent, type LogLevel, type LogOptions } from './createLog.ts';
import { escapeControls } from './escapeControls.ts';

export interface TerminalLogOptions extends LogOptions {
  /** Whether levels are coloured; the caller knows the terminal and NO_COLOR. */
  readonly color: boolean;
}

const colors: Readonly<Record<LogLevel, string>> = {
  debug: '\u001b[2m',
  info: '\u001b[36m',
  warn: '\u001b[33m',
  error: '\u001b[31m',
};
const colorEnd = '\u001b[0m';

/** A log for people: `10:00:00.000 warn  target benched  name=aurora/large forMs=1000`. Times are UTC. */
export const createTerminalLog = ({ write, level, clock, color }: TerminalLogOptions): Log =>
  leveledLog(level, (own, event, fields) => {
    const time = new Date(clock.nowMs()).toISOString().slice(11, 23);
    const word = own.padEnd(5);
    let line = `${time} ${color ? `${colors[own]}${word}${colorEnd}` : word} ${escapeControls(printableEvent(event))}`;
    let gap = '  ';
    for (const [name, value] of logEntry(fields)) {
      line += `${gap}${escapeControls(name)}=${escapeControls(written(value))}`;
      gap = ' ';
    }
    write(`${line}\n`);
  });

/** Words that could be taken for two fields, or for something else, stand in quotes. */
const written = (value: PrintableValue): string => {
  if (typeof value === 'string') return /^[^\s"=\\]+$/.test(value) ? value : JSON.stringify(value);
  return JSON.stringify(value);
};
