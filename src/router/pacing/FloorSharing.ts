/** Who else fills the same intervals of floors. */
export interface FloorSharing {
  /** What of each interval somebody fills of whom nothing is known, 0 to 1: as much for each of them. */
  readonly equalPart: number;
  /** Those who fill and are not heard, by who they are; null where nobody is heard: then the equal part is all there is. */
  readonly silent: ReadonlySet<string> | null;
}

/** All that fill are heard, or there is nobody else. */
export const allHeard: FloorSharing = { equalPart: 1, silent: new Set() };
