/** A rolling window by its length: "rolling 86400s" is whatever the last day is. */
export type RollingWindowName = `rolling ${number}s`;

const rollingPattern = /^rolling (\d+)s$/;
const spanPattern = /^([1-9]\d{0,5})(m|h|d)$/;
const secondsOf = { m: 60, h: 3_600, d: 86_400 } as const;

/** Shortest and longest rolling window. */
export const rollingSecondsMin = 60;
export const rollingSecondsMax = 366 * 86_400;

const isLength = (lengthS: number): boolean =>
  lengthS >= rollingSecondsMin && lengthS <= rollingSecondsMax && lengthS % rollingSecondsMin === 0;

/** The rolling window of a length as it is written, "90m", "24h" or "7d"; null where it is none. */
export const rollingWindowOf = (written: string): RollingWindowName | null => {
  const [, count = '', unit = ''] = spanPattern.exec(written) ?? [];
  const lengthS = Number(count) * (unit === 'm' || unit === 'h' || unit === 'd' ? secondsOf[unit] : Number.NaN);
  return isLength(lengthS) ? `rolling ${lengthS}s` : null;
};

/** Length of a rolling window in milliseconds; null for whatever else is named. */
export const rollingLengthMs = (window: string): number | null => {
  const lengthS = Number(rollingPattern.exec(window)?.[1] ?? Number.NaN);
  return isLength(lengthS) ? lengthS * 1_000 : null;
};

/** Whether a text names a rolling window. */
export const isRollingWindow = (text: string): text is RollingWindowName => rollingLengthMs(text) !== null;

/** A window in a word: "day", or the length of a rolling one as it may be written, "24h". */
export const windowWord = (window: string): string => {
  const lengthMs = rollingLengthMs(window);
  if (lengthMs === null) return window;
  const minutes = lengthMs / 60_000;
  if (minutes % 60 !== 0) return `${minutes}m`;
  return minutes % 1_440 === 0 && minutes > 1_440 ? `${minutes / 1_440}d` : `${minutes / 60}h`;
};
