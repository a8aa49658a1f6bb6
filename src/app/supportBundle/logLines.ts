import { open } from 'node:fs/promises';

/** What is read of the end of a log. */
const tailBytes = 512 * 1024;
const linesMax = 2_000;

/** The last lines of a file; null where it cannot be read. */
export const lastLines = async (path: string): Promise<readonly string[] | null> => {
  const handle = await open(path, 'r').catch(() => null);
  if (handle === null) return null;
  try {
    const { size } = await handle.stat();
    const from = Math.max(0, size - tailBytes);
    const { buffer, bytesRead } = await handle.read(
      Buffer.alloc(Math.min(size, tailBytes)),
      0,
      Math.min(size, tailBytes),
      from,
    );
    const lines = buffer.toString('utf8', 0, bytesRead).split('\n');
    // The first one may have lost its beginning.
    return lines
      .slice(from > 0 ? 1 : 0)
      .filter((line) => line !== '')
      .slice(-linesMax);
  } finally {
    await handle.close();
  }
};

/** Whether a line is one that our own log wrote; what else stands in a file is nobody's business. */
export const isOwnLine = (line: string): boolean => {
  try {
    const parsed: unknown = JSON.parse(line);
    return typeof parsed === 'object' && parsed !== null && 'ts' in parsed && 'level' in parsed && 'event' in parsed;
  } catch {
    return false;
  }
};

const postgresLine = /^\d{4}-\d\d-\d\d [\d:.]+ \S+ \[\d+\] (LOG|WARNING|ERROR|FATAL|PANIC): /;

/**
 * A line of PostgreSQL's log as others may see it: null for those that repeat statements and their values, and for what goes over several lines;
 * what stands in quotes is left out of errors, since it may be a value.
 */
export const plainPostgresLine = (line: string): string | null => {
  const severity = postgresLine.exec(line)?.[1];
  if (severity === undefined) return null;
  return severity === 'ERROR' || severity === 'WARNING' ? line.replaceAll(/"[^"]*("|$)/g, '"..."') : line;
};
