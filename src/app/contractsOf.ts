import { contractOf, type Contract, type Cover } from '../contracts/index.ts';
import { providersNamed, type ProviderConfiguration } from '../providers/index.ts';
import type { ArchipelConfiguration } from './configurationSchema.ts';

/** A cover by a list's name stands for each of its members, so that a pool on a list and one on a member are seen to meet. */
const membersOf = (cover: Cover, providers: readonly ProviderConfiguration[]): readonly Cover[] =>
  cover.kind === 'provider'
    ? providersNamed(providers, cover.provider).map(({ name }) => ({ ...cover, provider: name }))
    : [cover];

/** The contracts of a file, their covers spelled out to single providers. */
export const contractsOf = ({
  contracts,
  providers,
}: Pick<ArchipelConfiguration, 'contracts' | 'providers'>): readonly Contract[] =>
  contracts.map((written) => {
    const contract = contractOf(written);
    return { ...contract, covers: contract.covers.flatMap((cover) => membersOf(cover, providers)) };
  });
