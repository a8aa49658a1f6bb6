// Wall clocks in time zones, for windows that people set their calendars by. Nothing here asks what time it is.

/** What the clock on the wall shows. Months and days count from 1. */
export interface WallTime {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
}

const dayMs = 86_400_000;
const formatsMax = 1_000;
const formats = new Map<string, Intl.DateTimeFormat>();

const formatOf = (timeZone: string): Intl.DateTimeFormat => {
  const known = formats.get(timeZone);
  if (known) return known;
  const made = new Intl.DateTimeFormat('en-US', {
    timeZone,
    calendar: 'gregory',
    numberingSystem: 'latn',
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
  if (formats.size >= formatsMax) formats.clear();
  formats.set(timeZone, made);
  return made;
};

/** Whether the text names a time zone that this machine knows ("Europe/Paris", "UTC"). */
export const isTimeZone = (text: string): boolean => {
  try {
    formatOf(text);
    return true;
  } catch {
    return false;
  }
};

/** The wall clock as if it stood in UTC, in milliseconds. */
const asUtcMs = (wall: WallTime): number =>
  Date.UTC(wall.year, wall.month - 1, wall.day, wall.hour, wall.minute, wall.second);

const utcWallTime = (instantMs: number): WallTime => {
  const date = new Date(instantMs);
  return {
    year: date.getUTCFullYear(),
    month: date.getUTCMonth() + 1,
    day: date.getUTCDate(),
    hour: date.getUTCHours(),
    minute: date.getUTCMinutes(),
    second: date.getUTCSeconds(),
  };
};

/**
 * What the wall clock of a zone shows at an instant (Unix milliseconds).
 * @throws RangeError when the zone is unknown.
 */
export const wallTimeOf = (instantMs: number, timeZone: string): WallTime => {
  if (timeZone === 'UTC') return utcWallTime(instantMs);
  const shown: Record<string, number> = {};
  for (const part of formatOf(timeZone).formatToParts(instantMs)) shown[part.type] = Number(part.value);
  return {
    year: shown['year'] ?? 0,
    month: shown['month'] ?? 0,
    day: shown['day'] ?? 0,
    hour: shown['hour'] ?? 0,
    minute: shown['minute'] ?? 0,
    second: shown['second'] ?? 0,
  };
};

/** How far the zone's wall clock is ahead of UTC at an instant, in milliseconds. */
const offsetMs = (instantMs: number, timeZone: string): number => {
  const wholeSecondMs = Math.floor(instantMs / 1000) * 1000;
  return asUtcMs(wallTimeOf(wholeSecondMs, timeZone)) - wholeSecondMs;
};

/**
 * The instant (Unix milliseconds) at which a zone's wall clock shows a time. Shown twice (clocks put back): the first of the two.
 * Never shown (clocks put forward): as much later as the clocks jumped, so a skipped midnight becomes the first moment of its day.
 * Months and days beyond their range roll over, as in `Date.UTC`.
 * @throws RangeError when the zone is unknown.
 */
export const instantOf = (wall: WallTime, timeZone: string): number => {
  const utcMs = asUtcMs(wall);
  if (timeZone === 'UTC') return utcMs;
  const before = utcMs - offsetMs(utcMs - dayMs, timeZone);
  const after = utcMs - offsetMs(utcMs + dayMs, timeZone);
  const shows = (instantMs: number): boolean => asUtcMs(wallTimeOf(instantMs, timeZone)) === utcMs;
  const shown = [before, after].filter(shows);
  return shown.length > 0 ? Math.min(...shown) : before;
};

/** First instant of a day of the calendar, "2027-01-31", in a time zone; Unix milliseconds. @throws RangeError when the zone is unknown. */
export const startOfDayMs = (date: string, timeZone: string): number => {
  const [year = 0, month = 1, day = 1] = date.split('-').map(Number);
  return instantOf({ year, month, day, hour: 0, minute: 0, second: 0 }, timeZone);
};
