/** One future of demand and prices. */
export interface DemandScenario {
  /** Its probability, above 0; all scenarios of a sample together are 1. */
  readonly weight: number;
  /** [class][month]: units a month, none below 0. Classes in the order of the outlook, months from the start of the horizon. */
  readonly demand: readonly (readonly number[])[];
  /** Index of a price path of the outlook. */
  readonly prices: number;
}

/** One way list prices may go: "as today", "falling by a third a year". */
export interface PricePath {
  readonly name: string;
  /** From 0 to 1; all paths of an outlook together are 1. */
  readonly probability: number;
  /** [vendor][period]: what the list price of today is multiplied by, above 0. Vendors in the order of the outlook. */
  readonly factors: readonly (readonly number[])[];
}
