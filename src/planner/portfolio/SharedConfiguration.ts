import type { ConfigurationFault } from '../../config/index.ts';
import type { ContractConfiguration } from '../../contracts/index.ts';
import type { Ratio, Result } from '../../kernel/index.ts';
import type { HostShare } from '../../vocabulary/index.ts';

/** Where something of a vendor runs: an endpoint or a site. */
export interface SharedPlace {
  readonly vendor: string;
  readonly host: readonly HostShare[];
  readonly jurisdiction: string | null;
}

export interface SharedProvider extends SharedPlace {
  readonly name: string;
  /** What deployments and contracts call it: members of a list share it. */
  readonly group: string;
  /** Position within the list; null where the file has a single map. */
  readonly member: number | null;
  readonly dependsOn: readonly string[];
}

export interface SharedDeployment {
  readonly provider: string;
  /** The vendor's name of the model. */
  readonly model: string;
  readonly lab: string | null;
}

/** What an `archipel.yaml` and a portfolio both tell, as the first one does. */
export interface SharedPieces {
  readonly contracts: readonly ContractConfiguration[];
  readonly policy: {
    readonly concentration: Readonly<Record<'vendor' | 'host' | 'jurisdiction' | 'lab', Ratio | null>>;
    readonly resilience: { readonly lostVendors: number; readonly servedShare: Ratio } | null;
  };
  readonly providers: readonly SharedProvider[];
  /** By our name of the model. */
  readonly models: ReadonlyMap<string, { readonly deployments: readonly SharedDeployment[] }>;
  readonly sites: ReadonlyMap<string, SharedPlace>;
}

/** A whole, valid `archipel.yaml` that a portfolio takes over from. */
export interface SharedConfiguration {
  /** As messages call it. */
  readonly file: string;
  /** To find the place of what is wrong with something that was taken over. */
  readonly text: string;
  /** SHA-256 of the file's bytes in hexadecimal. */
  readonly hash: string;
  readonly pieces: SharedPieces;
}

/** Reads the file of `from`, by the path as it is written there; throws where it cannot. The failing half is what is wrong with the file. */
export type ReadShared = (path: string) => Result<SharedConfiguration, readonly ConfigurationFault[]>;
