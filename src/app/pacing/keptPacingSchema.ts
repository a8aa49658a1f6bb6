import { z } from 'zod';

const figure = z.number();

const learntSchema = z.strictObject({
  intervalMs: figure,
  capacities: z.array(figure),
  samples: z.array(z.tuple([figure, figure, figure])),
  requests: figure,
  spanMs: figure,
});

/** What a pacer had learnt, as it is kept on disk (`PacerState`). */
export const keptPacingSchema = z.strictObject({
  lastMs: figure,
  pools: z.record(
    z.string(),
    z.strictObject({ multiplier: figure, fromMs: figure, spentUsd: figure, seenUsd: figure }),
  ),
  floors: z.record(
    z.string(),
    z.strictObject({
      bid: figure,
      intervalFromMs: figure.nullable(),
      used: z.array(figure),
      learnt: learntSchema.optional(),
    }),
  ),
  capped: z.strictObject({
    windowFromMs: figure,
    totalUsd: figure,
    seenTotalUsd: figure,
    names: z.record(z.string(), z.strictObject({ multiplier: figure, spentUsd: figure, seenUsd: figure })),
  }),
});
