/** The day of UTC that an instant lies on, "2026-01-31". @param ms Unix milliseconds. */
export const utcDay = (ms: number): string => new Date(ms).toISOString().slice(0, 10);
