import type { Frame } from './frames.ts';
import { readFrame } from './frames.ts';
import type { SpoolFiles } from './SpoolFiles.ts';

/** A place between two frames of a segment. */
export interface SegmentPoint {
  readonly offset: number;
  /** Sequence of the frame that begins here. */
  readonly sequence: number;
}

export interface SegmentReading extends SegmentPoint {
  /** `end`: nothing is left · `stopped`: the visitor wanted no more · `broken`: what follows is no whole frame. */
  readonly ended: 'end' | 'stopped' | 'broken';
}

const windowBytes = 1024 * 1024;
/** Windows that a reader keeps to read into again. */
const keptWindows = 4;

/** Gives memory to read so many bytes into. */
export type TakeMemory = (bytes: number) => Buffer;

const freshMemory: TakeMemory = (bytes) => Buffer.allocUnsafe(bytes);

/**
 * Memory for a reader that reads again and again, and is done with what it was given when it asks for more: the next reading overwrites it. Fresh
 * memory for each would soon be more than all else that waits for the garbage collector.
 */
export class ReadMemory {
  readonly #windows: Buffer[] = [];
  #used = 0;

  /** Begins a reading. What goes beyond the windows that are kept gets memory of its own. */
  next(): TakeMemory {
    this.#used = 0;
    return (bytes) => this.#take(bytes);
  }

  #take(bytes: number): Buffer {
    if (this.#used === keptWindows || bytes > windowBytes) return freshMemory(bytes);
    const window = this.#windows[this.#used] ?? Buffer.allocUnsafeSlow(windowBytes);
    this.#windows[this.#used] = window;
    this.#used += 1;
    return window.subarray(0, bytes);
  }
}

const fill = async (files: SpoolFiles, fd: number, target: Buffer, position: number): Promise<Buffer> => {
  let filled = 0;
  while (filled < target.length) {
    const count = await files.read(fd, target.subarray(filled), position + filled);
    if (count === 0) break;
    filled += count;
  }
  return target.subarray(0, filled);
};

/** Reads a part of a file into memory; shorter where the file ends. */
export const readPart = (
  files: SpoolFiles,
  fd: number,
  from: number,
  to: number,
  takeMemory: TakeMemory = freshMemory,
): Promise<Buffer> => fill(files, fd, takeMemory(Math.max(0, to - from)), from);

/**
 * Visits the frames of an open segment in order, through a window of bounded size.
 * @param until offset where the readable part ends.
 * @param visit gets each frame and where it begins and ends in the file (its payload is a view of the window); false stops before it.
 * @param takeMemory gives each window its memory.
 * @returns the point after the last frame that was taken.
 */
export const readSegment = async (
  files: SpoolFiles,
  fd: number,
  from: SegmentPoint,
  until: number,
  visit: (frame: Frame, offset: number, endOffset: number) => boolean,
  takeMemory: TakeMemory = freshMemory,
): Promise<SegmentReading> => {
  let { offset, sequence } = from;
  let wanted = windowBytes;
  while (offset < until) {
    const asked = Math.min(until - offset, wanted);
    const bytes = await readPart(files, fd, offset, offset + asked, takeMemory);
    let position = 0;
    wanted = windowBytes;
    for (;;) {
      const reading = readFrame(bytes, position, sequence);
      if (reading.kind === 'bad') return { offset: offset + position, sequence, ended: 'broken' };
      if (reading.kind === 'short') {
        if (position === bytes.length) break;
        if (offset + position + reading.needs > until) return { offset: offset + position, sequence, ended: 'broken' };
        wanted = Math.max(windowBytes, reading.needs);
        break;
      }
      const { frame } = reading;
      if (!visit(frame, offset + position, offset + frame.end)) {
        return { offset: offset + position, sequence, ended: 'stopped' };
      }
      position = frame.end;
      sequence++;
    }
    offset += position;
    if (position === 0 && bytes.length < asked) return { offset, sequence, ended: 'broken' };
  }
  return { offset, sequence, ended: 'end' };
};
