import { monthHours, unknownInterruptionsPerHour } from './limits.ts';

const classPattern = /^(?:<(\d{1,2})|(\d{1,2})-(\d{1,2})|>(\d{1,2}))%$/;

/**
 * Expected interruptions an hour of one instance of an interruption class: "<5%", "5-10%", ">20%". Such a class says which share of the
 * instances that ran was taken away within the last month, as spot advisors publish it under "frequency of interruption".
 *
 * The worst of the class counts, its upper bound p. Interruptions that come at a steady rate r leave an instance alone for a month of 730
 * hours with the probability e^(-730 r) = 1 - p, so r = -ln(1 - p) / 730: 0.00007 an hour for "<5%". A class without an upper bound has
 * no worst; it counts as one expected interruption a month, which 63 % of instances do not survive.
 * @returns null where the text is no such class.
 */
export const interruptionsOfClass = (text: string): number | null => {
  const match = classPattern.exec(text);
  if (!match) return null;
  const [, below, from, until, above] = match;
  if (above !== undefined) return unknownInterruptionsPerHour;
  const percent = Number(below ?? until);
  if (percent === 0 || (from !== undefined && Number(from) >= percent)) return null;
  return -Math.log1p(-percent / 100) / monthHours;
};
