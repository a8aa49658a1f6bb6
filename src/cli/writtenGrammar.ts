import { z } from 'zod';
import { readPlainValue, type ConfigurationGrammar } from '../config/index.ts';

/** A file as it is sent: what stands in it, every digit as written. */
export type WrittenFile = Readonly<Record<string, unknown>>;

const nothingFound = { faults: [], warnings: [] };

/** Takes a file as it is written, once it is seen that the server could read it: faults are told by their lines here, where the file is. */
export const writtenGrammar = (schema: z.ZodType): ConfigurationGrammar<WrittenFile> => ({
  schema: z.record(z.string(), z.unknown()),
  check: (written) => {
    const reading = readPlainValue(written, { schema, check: () => nothingFound });
    return reading.ok ? nothingFound : { faults: reading.fault, warnings: [] };
  },
});
