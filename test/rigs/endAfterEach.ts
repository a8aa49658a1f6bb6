import { afterEach } from 'vitest';

type End = () => Promise<void> | void;

/** Has what a test of this file opens ended when the test is over, the last first. @returns what takes the end of something */
export const endAfterEach = (): ((end: End) => void) => {
  const ends: End[] = [];
  afterEach(async () => {
    for (const end of ends.splice(0).toReversed()) await end();
  });
  return (end) => void ends.push(end);
};
