import type { Rivals } from './rivals.ts';
import { serverLosses, type ServerLoss } from './serverLosses.ts';
import { spoolLosses, type Loss } from './spoolLosses.ts';

/** How often the power is taken away, from whom. */
export interface PowerLossPlan {
  readonly rivals: Rivals;
  readonly seed: number;
  /** Images of the program that serves, for each durability; of them by a start of the program, its database and all. */
  readonly ofServer: number;
  readonly byProgram: number;
  /** Images of the spool alone, for each durability. */
  readonly ofSpool: number;
}

/** Of one writer. */
export interface LossFigures {
  readonly writer: 'program' | 'spool';
  readonly durability: 'group' | 'strict';
  readonly images: number;
  /** Promises that were looked for, over all images. */
  readonly promised: number;
  readonly lost: number;
  readonly doubled: number;
  /** Taken but not promised yet, and gone. */
  readonly gone: number;
  /** Images in which something that was promised is missing. */
  readonly imagesWithLoss: number;
  readonly recoveredByProgram: number;
  readonly faults: readonly string[];
}

const sum = (losses: readonly Loss[], of: (loss: Loss) => number): number =>
  losses.reduce((total, loss) => total + of(loss), 0);

const figuresOf = (
  writer: LossFigures['writer'],
  durability: LossFigures['durability'],
  losses: readonly (Loss & Partial<ServerLoss>)[],
): LossFigures => ({
  writer,
  durability,
  images: losses.length,
  promised: sum(losses, ({ promised }) => promised),
  lost: sum(losses, ({ lost }) => lost),
  doubled: sum(losses, ({ doubled }) => doubled),
  gone: sum(losses, ({ gone }) => gone),
  imagesWithLoss: losses.filter(({ lost }) => lost > 0).length,
  recoveredByProgram: losses.filter(({ byProgram }) => byProgram === true).length,
  faults: losses.flatMap(({ faults = [] }) => faults),
});

/** Takes the power away from both writers in both durabilities. @param synced off: syncs do nothing, so that all must be lost */
export const powerLosses = async (plan: PowerLossPlan, synced: boolean): Promise<readonly LossFigures[]> => {
  const { rivals, seed, ofServer, byProgram, ofSpool } = plan;
  const figures: LossFigures[] = [];
  for (const durability of ['strict', 'group'] as const) {
    const common = { durability, seed, synced };
    const ofProgram = { ...common, rivals, images: ofServer, byProgram: synced ? byProgram : 0 };
    if (ofServer > 0) figures.push(figuresOf('program', durability, await serverLosses(ofProgram)));
    if (ofSpool > 0) figures.push(figuresOf('spool', durability, await spoolLosses({ ...common, images: ofSpool })));
  }
  return figures;
};
