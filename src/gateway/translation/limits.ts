/** Bounds of the thread that translates. */
export interface TranslationLimits {
  /** Pieces that may wait; requests may take half of it. */
  readonly waitingMax: number;
  /** Bytes of their bodies together; requests may take half of it. */
  readonly waitingBytesMax: number;
  /** For one piece, the start of the thread included. */
  readonly jobMs: number;
  /** How long a thread without work is kept. */
  readonly idleMs: number;
  /** Memory of its objects. A body that takes more ends the thread and not the process. */
  readonly heapMb: number;
}

export const translationLimits: TranslationLimits = {
  waitingMax: 128,
  waitingBytesMax: 134_217_728,
  jobMs: 10_000,
  idleMs: 30_000,
  heapMb: 512,
};
