import type { JobAttempt } from '../job/Job.ts';

/** Pieces that are told at a time; the rest follow in the next rounds. */
const piecesMax = 1_000;

/** A stretch of an attempt's use that goes into the ledger as one record. Unix milliseconds. */
export interface UsePiece {
  readonly fromMs: number;
  readonly untilMs: number;
  /** Until when the executor vouches for it; below `untilMs` where the end is not certain. */
  readonly certainUntilMs: number;
}

/**
 * Pieces of an attempt that can be told now: cut at multiples of their length in UTC, so that a piece which is told twice is the same piece, none
 * lies in two days, and none reaches beyond what is known to have been used. The last one ends with the attempt.
 * @param pieceMs Length of a whole piece; an hour is a multiple of it.
 */
export const piecesOf = (attempt: JobAttempt, pieceMs: number): readonly UsePiece[] => {
  const { billableSinceMs, endedAtMs, meteredUntilMs, heardAtMs } = attempt;
  if (billableSinceMs === null) return [];
  const knownUntilMs = endedAtMs ?? heardAtMs;
  const pieces: UsePiece[] = [];
  let fromMs = meteredUntilMs ?? billableSinceMs;
  while (fromMs < knownUntilMs && pieces.length < piecesMax) {
    const nextCutMs = (Math.floor(fromMs / pieceMs) + 1) * pieceMs;
    const untilMs = Math.min(nextCutMs, knownUntilMs);
    if (untilMs < nextCutMs && endedAtMs === null) break;
    pieces.push({ fromMs, untilMs, certainUntilMs: Math.max(fromMs, Math.min(untilMs, certainUntil(attempt))) });
    fromMs = untilMs;
  }
  return pieces;
};

/** One that was given up may have ended at any moment since its site was last heard. */
const certainUntil = ({ heardAtMs, endedAtMs }: JobAttempt): number => Math.min(heardAtMs, endedAtMs ?? heardAtMs);
