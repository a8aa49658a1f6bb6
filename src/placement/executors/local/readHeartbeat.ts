import { fieldsOf } from './rankRecords.ts';

/** What a heartbeat file says; null for what it does not say, or says in a way that nobody can use. */
export interface HeartbeatWord {
  readonly step: number | null;
  readonly checkpoint: string | null;
  readonly port: number | null;
  readonly metrics: Readonly<Record<string, number>>;
}

const portMax = 65_535;
const metricsMax = 64;
const metricName = /^[\w./:-]{1,100}$/;
const checkpointCharactersMax = 512;

const integerIn = (value: unknown, from: number, to: number): number | null =>
  Number.isSafeInteger(value) && Number(value) >= from && Number(value) <= to ? Number(value) : null;

/** Whether a name stays within the folder that it is looked for in, and on one line of a screen. */
export const isPlainName = (name: string): boolean =>
  name.length > 0 &&
  name.length <= checkpointCharactersMax &&
  name.isWellFormed() &&
  !/[\p{Cc}\u2028\u2029\\]/u.test(name) &&
  name.split('/').every((part) => part !== '' && part !== '.' && part !== '..');

const metricsOf = (value: unknown): Readonly<Record<string, number>> => {
  if (typeof value !== 'object' || value === null) return {};
  const entries = Object.entries(value).filter(
    (entry): entry is [string, number] => metricName.test(entry[0]) && Number.isFinite(entry[1]),
  );
  return Object.fromEntries(entries.slice(0, metricsMax));
};

/** Reads a heartbeat as leniently as it can be read. @returns null where it is no object at all, such as a torn one. */
export const readHeartbeat = (text: string): HeartbeatWord | null => {
  const fields = fieldsOf(text);
  if (fields === null) return null;
  const { step, checkpoint, port, metrics } = fields;
  return {
    step: integerIn(step, 0, Number.MAX_SAFE_INTEGER),
    checkpoint: typeof checkpoint === 'string' && isPlainName(checkpoint) ? checkpoint : null,
    port: integerIn(port, 1, portMax),
    metrics: metricsOf(metrics),
  };
};
