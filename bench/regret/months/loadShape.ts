export const minutesOfMonth = 43_200;
export const secondsOfMonth = minutesOfMonth * 60;

const minutesOfDay = 1_440;
const weekendShare = 0.6;

const relativeLoad = (minute: number): number => {
  const hour = (minute / 60) % 24;
  const day = Math.floor(minute / minutesOfDay) % 7;
  return (1 + 0.6 * Math.sin(((hour - 8) / 24) * 2 * Math.PI)) * (day > 4 ? weekendShare : 1);
};

/** Share of a month's load that each of its minutes has: a wave a day, and less at weekends. */
export const loadOfMinute: Float64Array = (() => {
  const loads = Float64Array.from({ length: minutesOfMonth }, (_load, minute) => relativeLoad(minute));
  const sum = loads.reduce((before, load) => before + load, 0);
  return loads.map((load) => load / sum);
})();

const loadBefore: Float64Array = (() => {
  const sums = new Float64Array(minutesOfMonth + 1);
  for (const [minute, load] of loadOfMinute.entries()) sums[minute + 1] = (sums[minute] ?? 0) + load;
  return sums;
})();

/** Share of a month's load that has come after so many seconds, 0 to 1. */
export const loadBy = (seconds: number): number => {
  const minutes = Math.min(minutesOfMonth, Math.max(0, seconds / 60));
  const whole = Math.floor(minutes);
  if (whole >= minutesOfMonth) return 1;
  return (loadBefore[whole] ?? 0) + (minutes - whole) * (loadOfMinute[whole] ?? 0);
};
