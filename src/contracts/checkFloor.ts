import type { z } from 'zod';
import { faultMessage } from '../vocabulary/index.ts';
import type { Ratio } from '../kernel/index.ts';
import { burndownOf, countsAnything, type WrittenBurndown } from './burndown.ts';
import { floorUnits, type FloorUnit } from './floorUnits.ts';

/** Keys of a floor that depend on each other, as they are written. */
interface FloorKeys {
  readonly unit: FloorUnit;
  readonly quantity: Ratio | null;
  readonly tokensPerUnit: Ratio | null;
  readonly burndown: WrittenBurndown | null;
  readonly meters: readonly { readonly name: string; readonly quantity: Ratio; readonly burndown: WrittenBurndown }[];
  readonly intervalSeconds: number | null;
  readonly fee: object | null;
}

/** A key of a floor that is wrong, and why. */
type Fault = readonly [path: readonly (string | number)[], what: string, mend: string];

const isPositive = ({ numerator }: Ratio): boolean => numerator > 0n;

const nanoPerOne = 1_000_000_000n;

const tokenKeys = ['tokensPerUnit', 'burndown', 'intervalSeconds'] as const;

const dollarFaults = (floor: FloorKeys): readonly Fault[] => {
  const faults: Fault[] = [];
  if (floor.quantity === null)
    faults.push([[], '"quantity" is missing', 'add how many dollars are paid for in each unit of time']);
  else if ((floor.quantity.numerator * nanoPerOne) % floor.quantity.denominator !== 0n)
    faults.push([['quantity'], 'an amount finer than a nano-dollar', 'write at most nine decimals']);
  for (const key of tokenKeys)
    if (floor[key] !== null)
      faults.push([
        [key],
        'this floor is counted in dollars, where it means nothing',
        'leave it out, or choose a unit of tokens',
      ]);
  if (floor.meters.length > 0)
    faults.push([['meters'], 'this floor is counted in dollars, where they mean nothing', 'write a quantity instead']);
  return faults;
};

const quantityFaults = (floor: FloorKeys): readonly Fault[] => {
  if (floor.meters.length === 0) {
    if (floor.quantity === null)
      return [[[], '"quantity" is missing', 'add how many of the unit were bought, or meters']];
    if (!isPositive(floor.quantity))
      return [[['quantity'], 'a floor of nothing', 'write how many of the unit were bought']];
    return countsAnything(burndownOf(floor.burndown))
      ? []
      : [[['burndown'], 'no token counts anything', 'write what one token counts, such as { input: 1, output: 4 }']];
  }
  const faults: Fault[] = [];
  if (floor.quantity !== null)
    faults.push([['quantity'], 'a quantity beside meters, which have their own', 'leave it out']);
  if (floor.burndown !== null)
    faults.push([['burndown'], 'a burndown beside meters, which have their own', 'leave it out']);
  for (const [index, { name, quantity, burndown }] of floor.meters.entries()) {
    if (!isPositive(quantity))
      faults.push([['meters', index, 'quantity'], 'a meter of nothing', 'write how many of the unit were bought']);
    if (!countsAnything(burndownOf(burndown)))
      faults.push([
        ['meters', index, 'burndown'],
        'no token counts anything',
        'write what one token counts, such as { input: 1 }',
      ]);
    if (floor.meters.findIndex((meter) => meter.name === name) < index)
      faults.push([['meters', index, 'name'], 'two meters have this name', 'give each a name of its own']);
  }
  return faults;
};

const tokenFaults = (floor: FloorKeys): readonly Fault[] => {
  const { counts, unitMs } = floorUnits[floor.unit];
  const faults = [...quantityFaults(floor)];
  if (counts === 'units' && (floor.tokensPerUnit === null || !isPositive(floor.tokensPerUnit)))
    faults.push([
      floor.tokensPerUnit === null ? [] : ['tokensPerUnit'],
      'nothing says what one unit takes',
      `add tokensPerUnit: tokens a ${unitMs === 1_000 ? 'second' : 'minute'}, from the vendor's table for the model`,
    ]);
  if (counts === 'tokens' && floor.tokensPerUnit !== null)
    faults.push([['tokensPerUnit'], 'tokens are the unit here', 'leave it out']);
  if (floor.intervalSeconds !== null && (floor.intervalSeconds * 1_000) % unitMs !== 0)
    faults.push([
      ['intervalSeconds'],
      'not a whole number of the unit’s time',
      'write a multiple of 60 for a unit by the minute',
    ]);
  if (floor.fee === null)
    faults.push([
      [],
      '"fee" is missing',
      'add what it costs, such as { usd: "100", per: hour }: tokens have no price of their own',
    ]);
  return faults;
};

/** What is wrong with the keys of a floor taken together. */
export const checkFloor = (floor: FloorKeys, context: z.RefinementCtx): void => {
  const faults = floorUnits[floor.unit].counts === 'dollars' ? dollarFaults(floor) : tokenFaults(floor);
  for (const [path, what, mend] of faults)
    context.addIssue({ code: 'custom', path: [...path], message: faultMessage(what, mend) });
};
