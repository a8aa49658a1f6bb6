/** One thing that would have to be different for an offer to take a job: of the job itself, of the file, or of what is signed. */
export type DemandChange =
  /** `meant`: the name is a slip of the finger away. */
  | { readonly kind: 'accelerator'; readonly to: string; readonly meant: boolean }
  | { readonly kind: 'fewer'; readonly ranks: number; readonly perRank: number }
  | { readonly kind: 'any_fabric' }
  | { readonly kind: 'residency'; readonly add: string }
  | { readonly kind: 'unknown_law' }
  | { readonly kind: 'site'; readonly add: string }
  | { readonly kind: 'state' }
  | { readonly kind: 'no_site' }
  | { readonly kind: 'price' }
  | { readonly kind: 'interruptible' }
  /** The longest time between two checkpoints. Hours. */
  | { readonly kind: 'checkpoint'; readonly hours: number }
  /** Hours that finishing takes, and when it has ended. Unix milliseconds. */
  | { readonly kind: 'deadline'; readonly hours: number; readonly atMs: number }
  | { readonly kind: 'max_cost'; readonly usd: number; readonly moreUsd: number }
  | { readonly kind: 'slot'; readonly hours: number; readonly atMs: number };

const hardships: Readonly<Record<DemandChange['kind'], number>> = {
  accelerator: 3,
  fewer: 1,
  any_fabric: 1,
  residency: 3,
  unknown_law: 3,
  site: 1,
  state: 4,
  no_site: 5,
  price: 3,
  interruptible: 1,
  checkpoint: 1,
  deadline: 1,
  max_cost: 1,
  slot: 4,
};

/**
 * How hard a change is: 1 is one field of the job file that says how much or by when, or a slip of the finger; more is what costs a purpose, somebody else's
 * work, or a signature.
 */
export const hardshipOf = (change: DemandChange): number =>
  change.kind === 'accelerator' && change.meant ? 1 : hardships[change.kind];
