import { dirname, resolve } from 'node:path';
import { z } from 'zod';
import { formatFault, readConfigurationFile, readPlainValue, type ConfigurationGrammar } from '../config/index.ts';
import { failure, success, type Result } from '../kernel/index.ts';
import { jobSchema } from '../placement/index.ts';

/** A job file as it is sent: what stands in it, every digit as written. */
export type WrittenJob = Readonly<Record<string, unknown>>;

const nothingFound = { faults: [], warnings: [] };

/** Takes the file as it is written, once it is seen that the server could read it: faults are told by their lines here, where the file is. */
const grammar: ConfigurationGrammar<WrittenJob> = {
  schema: z.record(z.string(), z.unknown()),
  check: (written) => {
    const reading = readPlainValue(written, { schema: jobSchema, check: () => nothingFound });
    return reading.ok ? nothingFound : { faults: reading.fault, warnings: [] };
  },
};

/**
 * Reads a job file. Its `directory` is meant from where the file lies.
 * @param path Absolute.
 * @param name As it was named, for messages.
 * @returns what to send, or every fault as `file:line:column: what, how to mend it`.
 */
export const readJobFile = async (path: string, name: string): Promise<Result<WrittenJob, readonly string[]>> => {
  const reading = await readConfigurationFile(path, grammar);
  if (!reading.ok) return failure(reading.fault.map((fault) => formatFault({ ...fault, file: name })));
  const { directory, ...rest } = reading.value.value;
  return success({
    ...rest,
    directory: typeof directory === 'string' ? resolve(dirname(path), directory) : directory,
  });
};
