import { organisationsWithAttempts, type Queries } from '../store/index.ts';
import type { ArchipelConfiguration } from './configurationSchema.ts';

type Configured = Pick<ArchipelConfiguration, 'organisations'>;

/** Organisations that requests may come from. */
export const organisationsNamed = ({ organisations }: Configured): readonly string[] => [
  ...new Set(['default', ...organisations.keys()]),
];

/**
 * Every organisation that records stand under: what one spent that the file no longer names was spent all the same, on the same contracts.
 * @throws CodedError `database_unavailable`
 */
export const organisationsOf = async (database: Queries, configuration: Configured): Promise<readonly string[]> => [
  ...new Set([...organisationsNamed(configuration), ...(await organisationsWithAttempts(database))]),
];
