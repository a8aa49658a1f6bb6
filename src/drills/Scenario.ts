import { z } from 'zod';
import { parseRatio, success, type Ratio, type Result } from '../kernel/index.ts';
import {
  decimalField,
  faultMessage,
  integerField,
  labelField,
  listOf,
  optional,
  section,
  shareField,
} from '../vocabulary/index.ts';
import { readLosses, type Losable, type Loss } from './Loss.ts';

const spanMessage = faultMessage(
  'expected a length of time',
  'write a whole number of seconds, minutes, hours or days and s, m, h or d, such as 15h',
);

const unitMs: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** A length of time as it is written, "15h", in milliseconds; null for what is none. */
export const spanMsOf = (written: string): number | null => {
  const [, count = '', unit = ''] = /^(\d{1,6})([smhd])$/.exec(written) ?? [];
  return unit === '' ? null : Number(count) * (unitMs[unit] ?? 0);
};

const spanField = z.string(spanMessage).transform((written, context): number => {
  const ms = spanMsOf(written);
  if (ms !== null) return ms;
  context.addIssue({ code: 'custom', message: spanMessage });
  return z.NEVER;
});

const eventsMax = 100;
const subjectsMax = 100;

const eventSchema = section({
  at: spanField.prefault('0s').describe('When it begins, from the beginning of what is replayed'),
  for: optional(spanField).describe('How long it lasts; absent: to the end'),
  of: optional(listOf(labelField, subjectsMax)).describe(
    'What it happens to: a vendor, or host:NAME, jurisdiction:NAME, lab:NAME, provider:NAME; absent: what the drill is asked about',
  ),
  out: z.boolean().prefault(false).describe('It answers nothing'),
  capacity: optional(shareField).describe('Share of its limits and of its burst capacity that is left'),
  price: optional(decimalField('a factor', 'write a plain decimal, such as "2"').transform(parseRatio)).describe(
    'How many times its prices it costs',
  ),
}).refine(
  ({ out, capacity, price }) => out || capacity !== null || price !== null,
  faultMessage('nothing happens', 'write out: true, capacity or price'),
);

/** A scenario file: the shape of an outage, for drills. */
export const scenarioSchema = section({
  version: integerField(1, 1).describe('1'),
  name: z.string().max(200).describe('What it is called in reports'),
  about: z.string().max(2_000).prefault('').describe('What it is modelled on, with date and source'),
  events: listOf(eventSchema, eventsMax)
    .min(1, faultMessage('no events', 'write at least one'))
    .describe('What happens, and when'),
});

export type WrittenScenario = z.output<typeof scenarioSchema>;

/** Something that happens to a part of the supply for a time. Milliseconds from the beginning of what is replayed. */
export interface DrillEvent {
  readonly fromMs: number;
  readonly untilMs: number;
  readonly of: readonly Loss[];
  readonly out: boolean;
  /** Share of limits that is left; null where all of it. */
  readonly capacity: Ratio | null;
  readonly price: Ratio | null;
}

export interface Scenario {
  readonly name: string;
  readonly events: readonly DrillEvent[];
}

/** Everything that was asked about is gone all the time. */
export const lostThroughout = (losses: readonly Loss[]): Scenario => ({
  name: 'out throughout',
  events: [{ fromMs: 0, untilMs: Infinity, of: losses, out: true, capacity: null, price: null }],
});

/**
 * A scenario with its names found among the targets.
 * @param asked what the drill is asked about, for events that name nothing.
 */
export const scenarioOf = (
  { name, events }: WrittenScenario,
  asked: readonly Loss[],
  targets: readonly Losable[],
): Result<Scenario, string> => {
  const found: DrillEvent[] = [];
  for (const { at, for: length, of, out, capacity, price } of events) {
    const losses = of === null && asked.length > 0 ? success(asked) : readLosses(of ?? [], targets);
    if (!losses.ok) return losses;
    found.push({
      fromMs: at,
      untilMs: length === null ? Infinity : at + length,
      of: losses.value,
      out,
      capacity,
      price,
    });
  }
  return success({ name, events: found });
};
