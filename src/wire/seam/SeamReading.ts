import type { Seam } from '../../vocabulary/index.ts';

/** What became of a seam, as whoever wrote on from there knows it. */
export interface SeamReading extends Pick<Seam, 'by' | 'trimmed' | 'refused'> {
  /** Something of the continuation went out. */
  readonly isSewn: boolean;
}
