const cell = new Int32Array(new SharedArrayBuffer(4));

/** The system counts the time of a thread that goes on running by ticks of 4 ms, and exactly when it rests: so it rests, for a moment. */
const rest = (): void => void Atomics.wait(cell, 0, 0, 0.01);

const sumOf = ({ user, system }: NodeJS.CpuUsage): number => user + system;

/** Processor time of this process so far, collection of garbage in other threads included. Microseconds. */
export const processCpuUs = (): number => {
  rest();
  return sumOf(process.cpuUsage());
};

/** Processor time of this thread so far. Microseconds. */
export const threadCpuUs = (): number => {
  rest();
  return sumOf(process.threadCpuUsage());
};
