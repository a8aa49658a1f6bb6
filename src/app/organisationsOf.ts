import type { ArchipelConfiguration } from './configurationSchema.ts';

/** Every organisation that records may stand under. */
export const organisationsOf = ({ organisations }: Pick<ArchipelConfiguration, 'organisations'>): readonly string[] => [
  ...new Set(['default', ...organisations.keys()]),
];
