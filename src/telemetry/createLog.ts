import type { Clock, Log, LogFields } from '../kernel/index.ts';
import { boundedField, cutText, fieldsMax, type PrintableValue } from './boundedField.ts';
import { escapeControls } from './escapeControls.ts';
import { maskSecrets } from './maskSecrets.ts';

export const logLevels = ['debug', 'info', 'warn', 'error'] as const;
export type LogLevel = (typeof logLevels)[number];

export interface LogOptions {
  /** Takes one line, its line end included. */
  readonly write: (line: string) => void;
  /** The least level that is written. */
  readonly level: LogLevel;
  readonly clock: Pick<Clock, 'nowMs'>;
}

/** Longest name of an event or a field. */
export const nameLengthMax = 200;
/** Names that the line itself uses; a field of that name is written with a trailing underscore. */
const ownNames: ReadonlySet<string> = new Set(['ts', 'level', 'event']);

export type LogEntry = ReadonlyMap<string, PrintableValue>;

/** What an event's line holds, in order. At most `fieldsMax` fields; undefined ones are left out. */
export const logEntry = (fields: LogFields): LogEntry => {
  const entry = new Map<string, PrintableValue>();
  let left = 0;
  for (const [name, value] of Object.entries(fields)) {
    if (value === undefined) continue;
    if (entry.size >= fieldsMax) left += 1;
    else entry.set(fieldName(name), boundedField(value));
  }
  if (left > 0) entry.set('fieldsLeftOut', left);
  return entry;
};

const fieldName = (name: string): string => cutText(ownNames.has(name) ? `${name}_` : name, nameLengthMax);

export const printableEvent = (event: string): string => maskSecrets(cutText(event, nameLengthMax));

/** The methods of a log, each of which writes when its level is asked for. */
export const leveledLog = (
  level: LogLevel,
  print: (level: LogLevel, event: string, fields: LogFields) => void,
): Log => {
  const least = logLevels.indexOf(level);
  const at = (own: LogLevel): Log['info'] =>
    logLevels.indexOf(own) < least ? () => {} : (event, fields = {}) => print(own, event, fields);
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
};

/**
 * A log of one JSON object a line: `{"ts":"2026-11-03T10:00:00.000Z","level":"info","event":"...",...fields}`. Whatever the fields hold,
 * an event is one line of printable characters.
 */
export const createLog = ({ write, level, clock }: LogOptions): Log =>
  leveledLog(level, (own, event, fields) => {
    const head = { ts: new Date(clock.nowMs()).toISOString(), level: own, event: printableEvent(event) };
    let line = JSON.stringify(head).slice(0, -1);
    for (const [name, value] of logEntry(fields)) line += `,${JSON.stringify(name)}:${JSON.stringify(value)}`;
    write(`${escapeControls(line)}}\n`);
  });
