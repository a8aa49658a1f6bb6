import { text } from '../record.ts';

/** What figures take for granted, one a line; null where they say nothing of that. */
export const takenForGranted = (assumptions: unknown): string | null =>
  Array.isArray(assumptions) && assumptions.length > 0
    ? ['taken for granted:', ...assumptions.map((one) => `- ${text(one)}`)].join('\n')
    : null;
