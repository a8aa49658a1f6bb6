/** Units that floors are bought in, and the time that a quantity of one is of. */
export const floorUnits = {
  usdPerMinute: { counts: 'dollars', unitMs: 60_000 },
  usdPerHour: { counts: 'dollars', unitMs: 3_600_000 },
  tokensPerMinute: { counts: 'tokens', unitMs: 60_000 },
  tokensPerSecond: { counts: 'tokens', unitMs: 1_000 },
  ptu: { counts: 'units', unitMs: 60_000 },
  gsu: { counts: 'units', unitMs: 1_000 },
  modelUnit: { counts: 'units', unitMs: 60_000 },
} as const;

export type FloorUnit = keyof typeof floorUnits;

/** All units, as the file writes them. */
export const floorUnitNames = [
  'usdPerMinute',
  'usdPerHour',
  'tokensPerMinute',
  'tokensPerSecond',
  'ptu',
  'gsu',
  'modelUnit',
] as const satisfies readonly FloorUnit[];
