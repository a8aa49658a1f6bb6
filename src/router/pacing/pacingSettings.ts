/** How fast multipliers move and what room is kept. They have no unit of money: steps are measured by the expected spend of an hour. */
export interface PacingSettings {
  /** Steps of a pool's multiplier, an hour. Anything from 0.03 to 0.3 does as well. */
  readonly poolStep: number;
  /** Steps of a capped name's multiplier, an hour. */
  readonly capStep: number;
  /** Steps of a floor's bid, a minute. */
  readonly floorStep: number;
  /** How much more the bid is while a floor is ahead of its interval, and less while it is behind. */
  readonly floorLean: number;
  /** How full a floor's intervals are meant to be. */
  readonly floorFull: number;
  /** Whether floors learn what their room is worth to requests; else the bid alone says it. */
  readonly floorsLearn: boolean;
  /** How long before a true-up a pool is meant to be met: a vendor that dies in its last hours costs no shortfall. */
  readonly leadMs: number;
  /** Of a short interval the lead is no more than this part. */
  readonly leadShareMax: number;
  /** Room kept below each cap by the guard; multipliers keep twice as much. */
  readonly margin: number;
  /** Largest multiplier of a capped name. */
  readonly capMultiplierMax: number;
}

/** What was best on traces of months of other people's requests. */
export const pacingSettings: PacingSettings = {
  poolStep: 0.05,
  capStep: 0.3,
  floorStep: 0.2,
  floorLean: 0.5,
  floorFull: 0.97,
  floorsLearn: true,
  leadMs: 6 * 3_600_000,
  leadShareMax: 0.25,
  margin: 0.002,
  capMultiplierMax: 2,
};

/** Least that a dollar counts, whatever it burns: nothing that costs is ever free. */
export const factorMin = 0.01;
