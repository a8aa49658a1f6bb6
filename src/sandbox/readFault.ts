import { failure, success } from '../kernel/index.ts';
import type { CodedError, Result } from '../kernel/index.ts';
import { sandboxError } from './errors.ts';
import { isJsonObject } from './json.ts';

export const faultNames = [
  'none',
  'down',
  'refuse',
  'hang',
  'slow',
  'rate-limit',
  'overload',
  'auth',
  'credit',
  'error-in-stream',
  'cut-mid-stream',
  'garbage',
] as const;

export type FaultName = (typeof faultNames)[number];

/** How a vendor misbehaves. */
export interface VendorFault {
  readonly fault: FaultName;
  /** Share of the requests that meet the fault, 0 to 1, drawn per request. */
  readonly share: number;
  /** Seed of those draws; null takes the sandbox's own. */
  readonly seed: number | null;
  /** Content events that go out before a stream breaks. */
  readonly afterEvents: number;
  /** Milliseconds before the first byte; null leaves the vendor's own jitter (300 for `slow`). */
  readonly latencyMs: number | null;
  /** Seconds in `retry-after`; 0 leaves the header out. */
  readonly retryAfterS: number;
}

export const noFault: VendorFault = {
  fault: 'none',
  share: 1,
  seed: null,
  afterEvents: 0,
  latencyMs: null,
  retryAfterS: 1,
};

interface NumberField {
  readonly integer: boolean;
  readonly min: number;
  readonly max: number;
}

const numberFields = {
  share: { integer: false, min: 0, max: 1 },
  seed: { integer: true, min: 0, max: Number.MAX_SAFE_INTEGER },
  afterEvents: { integer: true, min: 0, max: 1_000_000 },
  latencyMs: { integer: false, min: 0, max: 600_000 },
  retryAfterS: { integer: true, min: 0, max: 86_400 },
} as const satisfies Record<string, NumberField>;

const isNumberField = (name: string): name is keyof typeof numberFields => Object.hasOwn(numberFields, name);

const isFaultName = (name: unknown): name is FaultName => faultNames.some((known) => known === name);

const fits = (value: unknown, { integer, min, max }: NumberField): value is number =>
  typeof value === 'number' && value >= min && value <= max && (!integer || Number.isSafeInteger(value));

/** Reads a fault as the admin API takes it. Strict: an unknown field or value is refused in words. */
export const readFault = (body: unknown): Result<VendorFault, CodedError> => {
  const refuse = (message: string) => failure(sandboxError('sandbox_bad_fault', message));
  if (!isJsonObject(body)) return refuse('a fault is a JSON object such as {"fault":"down"}');
  if (!isFaultName(body['fault'])) {
    return refuse(`"fault" is one of ${faultNames.join(', ')}, not ${JSON.stringify(body['fault'])}`);
  }
  const numbers: Partial<Record<keyof typeof numberFields, number>> = {};
  for (const [name, value] of Object.entries(body)) {
    if (name === 'fault') continue;
    if (!isNumberField(name)) {
      return refuse(
        `unknown field ${JSON.stringify(name)}; a fault has fault, ${Object.keys(numberFields).join(', ')}`,
      );
    }
    const field = numberFields[name];
    if (!fits(value, field)) {
      const kind = field.integer ? 'an integer' : 'a number';
      return refuse(`"${name}" is ${kind} from ${field.min} to ${field.max}, not ${JSON.stringify(value)}`);
    }
    numbers[name] = value;
  }
  return success({ ...noFault, ...numbers, fault: body['fault'] });
};
