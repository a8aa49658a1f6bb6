import { dirname, resolve } from 'node:path';
import { formatFault, readConfigurationFile } from '../config/index.ts';
import { failure, success, type Result } from '../kernel/index.ts';
import { jobSchema } from '../placement/index.ts';
import { writtenGrammar, type WrittenFile } from './writtenGrammar.ts';

const grammar = writtenGrammar(jobSchema);

/**
 * Reads a job file. Its `directory` is meant from where the file lies.
 * @param path Absolute.
 * @param name As it was named, for messages.
 * @returns what to send, or every fault as `file:line:column: what, how to mend it`.
 */
export const readJobFile = async (path: string, name: string): Promise<Result<WrittenFile, readonly string[]>> => {
  const reading = await readConfigurationFile(path, grammar);
  if (!reading.ok) return failure(reading.fault.map((fault) => formatFault({ ...fault, file: name })));
  const { directory, ...rest } = reading.value.value;
  return success({
    ...rest,
    directory: typeof directory === 'string' ? resolve(dirname(path), directory) : directory,
  });
};
