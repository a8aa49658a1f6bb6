import { faultMessage, integerField, section } from '../vocabulary/index.ts';

const seconds = (least: number, most: number, usual: number) => integerField(least, most, 'seconds').prefault(usual);

/** `jobs`: how the loop that runs jobs times itself. */
export const jobsSchema = section({
  leaseSeconds: seconds(1, 86_400, 300).describe(
    'How long a site may be silent before what runs there is given up and begun elsewhere from its newest checkpoint',
  ),
  lookMs: integerField(50, 60_000, 'milliseconds').prefault(1_000).describe('Between two looks at what runs'),
  pieceSeconds: seconds(1, 3_600, 60)
    .refine(
      (length) => 3_600 % length === 0,
      faultMessage('an hour is no multiple of it', 'write one of 1, 5, 10, 15, 30, 60, 300, 900 or 3600'),
    )
    .describe('How often running use is counted in the ledger; an hour is a multiple of it'),
  refusedSeconds: seconds(1, 86_400, 30).describe('How long a site that refused a job is left alone'),
  restartSeconds: seconds(0, 86_400, 120).describe('From a loss to work again, as decisions count on it'),
}).describe('How jobs are looked after');
