import { open } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { failure, success } from '../kernel/index.ts';
import type { Result } from '../kernel/index.ts';
import type { ConfigurationFault } from './ConfigurationFault.ts';
import { configurationLimits } from './limits.ts';
import { readConfiguration, tooLargeFault, wholeFileFault } from './readConfiguration.ts';
import type { ConfigurationGrammar, ConfigurationReading } from './readConfiguration.ts';

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'unknown';

const decode = (bytes: Uint8Array): string | null => {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return null;
  }
};

/** Reads at most one byte more than is allowed, so that a file that grows meanwhile is noticed and never swallowed whole. */
const readBounded = async (handle: FileHandle): Promise<Uint8Array | null> => {
  const bytes = Buffer.alloc(Math.min((await handle.stat()).size, configurationLimits.fileBytes) + 1);
  let length = 0;
  while (length < bytes.length) {
    const { bytesRead } = await handle.read(bytes, length, bytes.length - length, length);
    if (bytesRead === 0) return bytes.subarray(0, length);
    length += bytesRead;
  }
  return null;
};

const readText = async (path: string, handle: FileHandle): Promise<Result<string, ConfigurationFault>> => {
  const status = await handle.stat();
  if (!status.isFile()) return failure(wholeFileFault(path, 'this is not a regular file', 'name a file'));
  if (status.size > configurationLimits.fileBytes) return failure(tooLargeFault(path));
  const bytes = await readBounded(handle);
  if (bytes === null) return failure(wholeFileFault(path, 'the file grew while it was read', 'read it again'));
  const text = decode(bytes);
  return text === null
    ? failure(wholeFileFault(path, 'the file is not UTF-8', 'save it as UTF-8 text'))
    : success(text);
};

/**
 * Reads a configuration from a file of the disk: all of it or every fault. An unreadable file is a fault too, so a reload keeps the
 * last good configuration whatever happens to the file.
 */
export const readConfigurationFile = async <Value>(
  path: string,
  grammar: ConfigurationGrammar<Value>,
): Promise<Result<ConfigurationReading<Value>, readonly ConfigurationFault[]>> => {
  let text: Result<string, ConfigurationFault>;
  try {
    const handle = await open(path, 'r');
    try {
      text = await readText(path, handle);
    } finally {
      await handle.close();
    }
  } catch (error) {
    return failure([
      wholeFileFault(path, `the file cannot be read (${codeOf(error)})`, 'check its name and permissions'),
    ]);
  }
  return text.ok ? readConfiguration({ ...grammar, text: text.value, file: path }) : failure([text.fault]);
};
