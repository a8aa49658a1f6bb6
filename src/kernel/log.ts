export type LogValue = string | number | boolean | null | undefined | bigint | readonly string[];
export type LogFields = Readonly<Record<string, LogValue>>;

/** Port for logs, filled by telemetry. An event is a short lower-case phrase; the fields are an allow-list by nature. */
export interface Log {
  debug(event: string, fields?: LogFields): void;
  info(event: string, fields?: LogFields): void;
  warn(event: string, fields?: LogFields): void;
  error(event: string, fields?: LogFields): void;
}

/** Says nothing. */
export const silentLog: Log = { debug() {}, info() {}, warn() {}, error() {} };
