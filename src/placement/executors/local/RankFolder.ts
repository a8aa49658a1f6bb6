import { join } from 'node:path';
import type { Heartbeat, LogPiece } from '../Executor.ts';
import type { LocalLimits } from './limits.ts';
import {
  readRankClaim,
  readRankExit,
  readRankLoss,
  readRankStart,
  readSeenCheckpoint,
  type RankClaim,
  type RankExit,
  type RankLoss,
  type RankStart,
  type SeenCheckpoint,
} from './rankRecords.ts';
import { isPlainName, readHeartbeat, type HeartbeatWord } from './readHeartbeat.ts';
import { readLogPiece } from './readLogPiece.ts';
import { readSmallFile } from './readSmallFile.ts';
import { writeDurably, writeFirst } from './writeDurably.ts';

/** Name of a rank's folder in that of its attempt. */
export const rankName = (rank: number): string => `rank-${rank}`;

export const heartbeatFileOf = (rankFolder: string): string => join(rankFolder, 'heartbeat.json');

/** A job can write this record, too, and its name is looked up in a folder. */
const readPlainCheckpoint = (text: string): SeenCheckpoint | null => {
  const seen = readSeenCheckpoint(text);
  return seen && isPlainName(seen.name) ? seen : null;
};

const nothingSaid: HeartbeatWord = { step: null, checkpoint: null, port: null, metrics: {} };

/** What is written of one rank. Records are written once, so each is read once. */
export class RankFolder {
  readonly rank: number;
  readonly path: string;
  readonly #limits: LocalLimits;
  #claim: RankClaim | null = null;
  #start: RankStart | null = null;
  #exit: RankExit | null = null;
  #loss: RankLoss | null = null;
  #seen: SeenCheckpoint | null = null;
  /** The last heartbeat that could be read. */
  #word: HeartbeatWord | null = null;

  constructor(attemptPath: string, rank: number, limits: LocalLimits) {
    this.rank = rank;
    this.path = join(attemptPath, rankName(rank));
    this.#limits = limits;
  }

  async claim(): Promise<RankClaim | null> {
    return (this.#claim ??= await this.#record('claim.json', readRankClaim));
  }

  async start(): Promise<RankStart | null> {
    return (this.#start ??= await this.#record('started.json', readRankStart));
  }

  async exit(): Promise<RankExit | null> {
    return (this.#exit ??= await this.#record('exit.json', readRankExit));
  }

  async loss(): Promise<RankLoss | null> {
    return (this.#loss ??= await this.#record('lost.json', readRankLoss));
  }

  /** Whether it is written that nothing of the rank runs, or ever will. */
  async isOver(): Promise<boolean> {
    return (await this.exit()) !== null || (await this.loss()) !== null || (await this.claim())?.kind === 'withdrawn';
  }

  /**
   * Takes the right to start the rank, so that a supervisor which is still on its way never does.
   * @returns who has the right now; null where what stands there cannot be read.
   */
  async withdraw(why: string, atMs: number): Promise<RankClaim | null> {
    const path = join(this.path, 'claim.json');
    await writeFirst(path, `${path}.withdrawn`, { atMs, why });
    return this.claim();
  }

  async lose(evidence: string, atMs: number): Promise<RankLoss> {
    const loss = { atMs, evidence };
    await writeDurably(join(this.path, 'lost.json'), loss);
    this.#loss = loss;
    return loss;
  }

  /**
   * What the rank says of itself. A checkpoint that it named once stays known, whatever it writes later: it was whole then.
   * @returns null before its first word.
   */
  async heartbeat(nowMs: number): Promise<Heartbeat | null> {
    const file = await readSmallFile(heartbeatFileOf(this.path), this.#limits.recordBytes);
    const word = file && readHeartbeat(file.text);
    if (word) this.#word = word;
    const seen = await this.#seenCheckpoint(word?.checkpoint ?? null, Math.min(nowMs, file?.modifiedMs ?? nowMs));
    if (this.#word === null && seen === null) return null;
    const { step, port, metrics } = this.#word ?? nothingSaid;
    return { atMs: nowMs, step, checkpoint: seen?.name ?? null, checkpointAtMs: seen?.atMs ?? null, port, metrics };
  }

  /** Keeps a new name with the time at which the rank wrote it, so that this is still known after a restart. */
  async #seenCheckpoint(named: string | null, writtenMs: number): Promise<SeenCheckpoint | null> {
    this.#seen ??= await this.#record('checkpoint.json', readPlainCheckpoint);
    if (named === null || named === this.#seen?.name) return this.#seen;
    const seen = { name: named, atMs: Math.max(0, Math.floor(writtenMs)) };
    await writeDurably(join(this.path, 'checkpoint.json'), seen);
    this.#seen = seen;
    return seen;
  }

  /** @param isOver Whether the rank can write no more. */
  logPiece(fromByte: number, isOver: boolean): Promise<LogPiece | null> {
    return readLogPiece(join(this.path, 'log'), fromByte, this.#limits.logPieceBytes, isOver);
  }

  async #record<Value>(name: string, read: (text: string) => Value | null): Promise<Value | null> {
    const file = await readSmallFile(join(this.path, name), this.#limits.recordBytes);
    return file && read(file.text);
  }
}
