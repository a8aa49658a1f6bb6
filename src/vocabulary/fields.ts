// The words that every file of ours is written in: amounts, shares, dates, names and secrets, each with one reading.
// They stand here because rooms that do not know each other (contracts, market, access) write the same things.
// A message of a field has two lines: what is wrong, and how to mend it. It never repeats the value, which may be a secret.

import { z } from 'zod';
import { isTimeZone, parseRatio, parseSecretReference, parseUsd, secretReferencePattern } from '../kernel/index.ts';
import type { NanoUsd, Ratio, SecretReference } from '../kernel/index.ts';
import { rollingWindowOf, type RollingWindowName } from './rollingWindow.ts';

/** A message in two lines: what is wrong, and how to mend it. */
export const faultMessage = (what: string, mend: string): string => `${what}\n${mend}`;

/** Most entries of one map in the file. */
export const mapEntriesMax = 10_000;
/** Most items of one list in the file. */
export const listItemsMax = 10_000;

/** A map with exactly these keys. Unknown keys are faults. */
export const section = <Shape extends z.core.$ZodLooseShape>(shape: Shape) => z.strictObject(shape);

/** A field that may be left out; its value is then null, so that readers meet one kind of absence. */
export const optional = <Field extends z.ZodType>(field: Field) =>
  field.optional().transform((value): z.output<Field> | null => value ?? null);

/** A list of bounded length. */
export const listOf = <Item extends z.ZodType>(item: Item, itemsMax = listItemsMax) =>
  z.array(item).max(itemsMax, faultMessage(`more than ${itemsMax} items`, `keep at most ${itemsMax}`));

/** A map from names to values, read as a Map so that no name ("constructor") finds what nobody wrote. */
export const mapOf = <Value extends z.ZodType>(name: z.ZodType<string, string>, value: Value) =>
  z
    .record(name, value)
    .refine(
      (entries) => Object.keys(entries).length <= mapEntriesMax,
      faultMessage(`more than ${mapEntriesMax} entries`, `keep at most ${mapEntriesMax}`),
    )
    .transform((entries): ReadonlyMap<string, z.output<Value>> => new Map(Object.entries(entries)));

const text = (pattern: RegExp, expected: string, mend: string) => {
  const error = faultMessage(`expected ${expected}`, mend);
  return z.string(error).regex(pattern, error);
};

/** Name of a thing of ours (a team, a key, a site): letters, digits, ".", "_" and "-". */
export const nameField = text(
  /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/,
  'a name',
  'use 1 to 64 letters, digits, ".", "_" or "-", beginning with a letter or digit, in quotes if it looks like a number',
);

/** A name without ".", for things whose parts are named "whole.part". */
export const undottedNameField = text(
  /^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/,
  'a name without dots',
  'use 1 to 64 letters, digits, "_" or "-", beginning with a letter or digit, in quotes if it looks like a number',
);

/** Name of a model, ours or a vendor's: as a name, and with ".", ":", "/", "@" and "+" inside. */
export const modelNameField = text(
  /^[A-Za-z0-9][A-Za-z0-9._:/@+-]{0,255}$/,
  'the name of a model',
  'use 1 to 256 letters, digits or any of "._:/@+-", in quotes if it looks like a number',
);

/** A model by its name, or all whose names begin alike: a beginning and "*". */
export const modelPatternField = text(
  /^(?:\*|[A-Za-z0-9][A-Za-z0-9._:/@+-]{0,255}\*?)$/,
  'the name of a model',
  'write the name of a model, or how the names of several begin and then "*"',
);

/** A vendor's name of a model. It may stand in the path of a call, where a part that is empty, "." or ".." would lead elsewhere. */
export const targetModelField = text(
  /^(?!.*\/(?:\.{1,2})?(?:\/|$))[A-Za-z0-9][A-Za-z0-9._:/@+-]{0,255}$/,
  'the name of a model',
  'use 1 to 256 letters, digits or any of "._:/@+-", in quotes if it looks like a number; between slashes, neither nothing nor "." nor ".."',
);

/** A label that we group by: a vendor, a host, a region, an account, a jurisdiction. */
export const labelField = text(
  /^[A-Za-z0-9][A-Za-z0-9 ._:/@+-]{0,127}$/,
  'a short name',
  'use 1 to 128 letters, digits, spaces or any of "._:/@+-", in quotes if it looks like a number',
);

/** A path in the file system, relative to where the program runs unless absolute. */
export const pathField = text(/^[^\u0000-\u001f\u007f]{1,1024}$/, 'a path', 'write a path of at most 1024 characters');

/** A whole number between two bounds, both included. */
export const integerField = (minimum: number, maximum: number, unit = '') => {
  const error = faultMessage(
    `expected a whole number${unit === '' ? '' : ` of ${unit}`} from ${minimum} to ${maximum}`,
    'write it in plain digits, without quotes',
  );
  return z.int(error).min(minimum, error).max(maximum, error);
};

/** True or false. */
export const switchField = z.boolean(faultMessage('expected true or false', 'write true or false, without quotes'));

/** One of a few words. */
export const choiceField = <const Choices extends readonly [string, ...string[]]>(choices: Choices) =>
  z.enum(
    choices,
    faultMessage(
      `expected one of ${choices.join(', ')}`,
      `write ${choices.length === 1 ? choices[0] : 'one of these words'}`,
    ),
  );

// A plain decimal, without sign, exponent or separators.
const decimalPattern = /^\d{1,30}(?:\.\d{1,30})?$/;

/**
 * A decimal as it stands in the file, in quotes or not. The reader of the file hands a number over as a JavaScript number only where
 * its shortest decimal is what was written (else as its source text), so nothing is lost on the way through a float.
 */
export const decimalField = (expected: string, mend: string) => {
  const error = faultMessage(`expected ${expected}`, mend);
  return z
    .union([z.string().regex(decimalPattern, error), z.number().nonnegative(error)], error)
    .transform((value, context) => {
      const written = String(value);
      if (decimalPattern.test(written)) return written;
      context.addIssue({ code: 'custom', message: error });
      return z.NEVER;
    });
};

/** An amount of US dollars, at least 0, exact to the nano-dollar. */
export const usdField = decimalField(
  'an amount in US dollars',
  'write a plain decimal in quotes, such as "500" or "0.05"',
).transform((written, context): NanoUsd => {
  try {
    return parseUsd(written);
  } catch {
    context.addIssue({
      code: 'custom',
      message: faultMessage('an amount finer than a nano-dollar', 'write at most nine decimals'),
    });
    return z.NEVER;
  }
});

const isAtMostOne = (ratio: Ratio): boolean => ratio.numerator <= ratio.denominator;

/** An exact decimal fraction, at least 0 and without an upper bound: a rate. */
export const rateField = decimalField('a rate', 'write a plain decimal, such as "1.0" or "0.5"').transform(
  (written): Ratio => parseRatio(written),
);

/** An exact fraction from 0 to 1, both included: a share or a discount. */
export const shareField = decimalField('a share from 0 to 1', 'write a plain decimal, such as 0.25')
  .transform((written): Ratio => parseRatio(written))
  .refine(
    isAtMostOne,
    faultMessage('expected a share from 0 to 1', 'write a plain decimal, such as 0.25 for a quarter'),
  );

/** An exact fraction above 0 and up to 1: a cap. */
export const capField = shareField.refine(
  (ratio) => ratio.numerator > 0n,
  faultMessage('a cap of 0 allows nothing', 'write a share above 0 and up to 1, or leave the cap out'),
);

const isCalendarDate = (written: string): boolean => {
  const time = Date.parse(`${written}T00:00:00Z`);
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(written);
};

const dateMessage = faultMessage('expected a date of the calendar', 'write it as year-month-day, such as 2027-01-31');

/** A day of the calendar, "2025-11-03"; stays text until a time zone gives it an instant. */
export const dateField = z
  .string(dateMessage)
  .regex(/^(?:19|20|21)\d\d-\d\d-\d\d$/, dateMessage)
  .refine(isCalendarDate, { message: dateMessage, abort: true });

/** Days from the first, included, until the second, excluded. */
export interface Period {
  readonly from: string;
  readonly until: string;
}

/** Longest period: more true-ups than this are a slip of the finger. */
export const periodYearsMax = 100;

/** A span of days: [first day, first day after]. */
export const periodField = z
  .tuple(
    [dateField, dateField],
    faultMessage('expected two dates', 'write [first day, first day after], such as [2026-01-01, 2027-01-01]'),
  )
  .transform(([from, until]): Period => ({ from, until }))
  .refine(
    ({ from, until }) => from < until,
    faultMessage(
      'the period ends before it begins',
      'write the earlier day first; the second day is no longer part of it',
    ),
  )
  .refine(
    ({ from, until }) => Number(until.slice(0, 4)) - Number(from.slice(0, 4)) < periodYearsMax,
    faultMessage(`a period of more than ${periodYearsMax} years`, 'check the years'),
  );

// Offsets such as "+01:00" are no zones: they know no summer time.
const isZoneName = (name: string): boolean => /^[A-Za-z][A-Za-z0-9_+/-]{0,63}$/.test(name) && isTimeZone(name);

const timeZoneMessage = faultMessage(
  'expected the name of a time zone',
  'write a name of the IANA list, such as Europe/Paris or UTC',
);

/** A time zone by its IANA name. */
export const timeZoneField = z.string(timeZoneMessage).refine(isZoneName, timeZoneMessage);

/** A secret by reference. A literal is refused, and not shown. */
export const secretField = z
  .string(faultMessage('expected a reference to a secret', 'write "${env:NAME}" or "${file:/path}"'))
  .regex(
    secretReferencePattern,
    faultMessage(
      'a secret must not stand in this file (the value is not shown)',
      'put it in the environment or in a file of its own and write "${env:NAME}" or "${file:/path}"',
    ),
  )
  .transform((written, context): SecretReference => {
    const reference = parseSecretReference(written);
    if (reference !== null) return reference;
    context.addIssue({ code: 'custom', message: faultMessage('not a reference to a secret', 'write "${env:NAME}"') });
    return z.NEVER;
  });

/** The calendar windows that budgets and caps are counted in; `total` never starts anew. */
export const windowNames = ['hour', 'day', 'week', 'month', 'year', 'total'] as const;

/** The name of a calendar window. */
export const windowField = choiceField(windowNames);

const rollingMessage = faultMessage(
  'expected the length of a rolling window',
  'write a whole number of minutes, hours or days, from 1m to 366d, such as 24h or 30d',
);

const rollingField = section({
  rolling: z
    .string(rollingMessage)
    .transform((written, context): RollingWindowName => {
      const window = rollingWindowOf(written);
      if (window !== null) return window;
      context.addIssue({ code: 'custom', message: rollingMessage });
      return z.NEVER;
    })
    .describe('Its length in minutes, hours or days: 90m, 24h, 30d'),
}).transform(({ rolling }) => rolling);

/** What a budget counts over: a window of the calendar, or all that was in the time of a length that has just passed. */
export const budgetWindowField = z.union(
  [windowField, rollingField],
  faultMessage(
    'expected a window',
    `write one of ${windowNames.join(', ')}, or { rolling: 24h } with a length in minutes, hours or days, from 1m to 366d`,
  ),
);

/** A part of a provider's machinery that runs at one host; null where nobody says how much. */
export interface HostShare {
  readonly name: string;
  readonly share: Ratio | null;
}

const hostShareField = section({
  name: labelField,
  share: z
    .union(
      [z.literal('unknown'), shareField],
      faultMessage('expected a share or unknown', 'write a share such as 0.25, or unknown'),
    )
    .prefault('unknown')
    .transform((share) => (share === 'unknown' ? null : share)),
});

/** Where something runs: one host, or several with their shares. */
export const hostField = z
  .union(
    [labelField, listOf(hostShareField, 16)],
    faultMessage('expected a host', 'write its name, or a list of { name, share }'),
  )
  .transform((host): readonly HostShare[] =>
    typeof host === 'string' ? [{ name: host, share: { numerator: 1n, denominator: 1n } }] : host,
  );
