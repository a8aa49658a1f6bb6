import { z } from 'zod';

const figures = z.record(z.string(), z.number());

/** What a replica tells the others, as it stands in the database (`FleetPaces`). Other versions may tell more, which is passed over, or in another shape, which tells nothing. */
export const toldSchema = z.object({
  /** When the process began. Unix milliseconds. */
  beganMs: z.number(),
  /** `ToldPace`; null where it paces nothing. */
  pace: z
    .object({
      pools: figures,
      floors: z.record(
        z.string(),
        z.object({
          intervalFromMs: z.number().nullable(),
          used: z.array(z.number().min(0)),
          intervalMs: z.number(),
          capacities: z.array(z.number()),
          requestsPerHour: z.number().min(0),
        }),
      ),
      capped: figures,
    })
    .nullable(),
});
