import { z } from 'zod';
import { reaches, type Reach } from '../egress/index.ts';
import type { SecretReference } from '../kernel/index.ts';
import {
  choiceField,
  dataTermsSchema,
  faultMessage,
  hostField,
  labelField,
  listOf,
  mapOf,
  nameField,
  optional,
  ratesSchema,
  secretField,
  section,
  switchField,
  undottedNameField,
} from '../vocabulary/index.ts';
import type { DataTerms, HostShare, Rates } from '../vocabulary/index.ts';

import { passthroughField, type PassthroughRule } from './passthrough.ts';

/** The parts that a vendor's credential can have. */
export const credentialNames = [
  'apiKey',
  'bearerToken',
  'serviceAccount',
  'accessKeyId',
  'secretAccessKey',
  'sessionToken',
] as const;

export type CredentialName = (typeof credentialNames)[number];

const credentialsField = section({
  apiKey: secretField.optional().describe('Key that the vendor issued'),
  bearerToken: secretField
    .optional()
    .describe(
      'Token that goes as Authorization: Bearer in place of a key, such as one of Entra ID; in a file, it is renewed without a restart',
    ),
  serviceAccount: secretField
    .optional()
    .describe(
      'JSON key of a service account of Google, whole as it was issued; in a file, it is renewed without a restart',
    ),
  accessKeyId: secretField.optional().describe('Public half of a signing key'),
  secretAccessKey: secretField.optional().describe('Secret half of a signing key'),
  sessionToken: secretField.optional().describe('Token of a temporary signing key'),
}).transform((parts): Readonly<Partial<Record<CredentialName, SecretReference>>> => {
  const given: Partial<Record<CredentialName, SecretReference>> = {};
  for (const name of credentialNames) {
    const reference = parts[name];
    if (reference !== undefined) given[name] = reference;
  }
  return given;
});

/** What the account of a provider is called that names none. */
export const unnamedAccount = 'default';

const urlMessage = faultMessage('expected a URL', 'write it whole, such as https://api.example.com/v1');

const baseUrlField = z
  .string(urlMessage)
  .max(2048, urlMessage)
  .refine((url) => URL.canParse(url), urlMessage);

const endpointShape = {
  wire: nameField.describe('Format that this endpoint speaks'),
  alsoSpeaks: optional(listOf(nameField, 4)).describe(
    "Formats that its clients may speak untouched beside it: responses, for an endpoint of the wire openai; absent: as the vendor's own address does",
  ),
  vendor: labelField.describe('Who bills for it'),
  account: labelField
    .prefault(unnamedAccount)
    .describe('Account at the vendor (of Google Cloud, the project); with region and family it makes a quota domain'),
  region: optional(labelField).describe('Region of the vendor'),
  baseUrl: optional(baseUrlField).describe(
    "Where it answers; absent: the vendor's own address, where its profile knows one",
  ),
  addresses: optional(choiceField(reaches)).describe(
    "How near the addresses may be that the name of baseUrl leads to, where the name does not say it: private for a vendor inside one's own network, loopback for this machine; absent: public, and any for host: self",
  ),
  credentials: credentialsField.prefault({}).describe('Secrets by reference; absent for endpoints that ask for none'),
  host: hostField.prefault([]).describe('Whose machines it runs on; absent: unknown, counted at its worst case'),
  jurisdiction: optional(labelField).describe('Law that the data falls under'),
  data: dataTermsSchema.prefault({}).describe('What it does with what it is sent, which policies may ask for'),
  dependsOn: listOf(labelField, 64)
    .prefault([])
    .describe('Hosts without which it stops, or other providers and sites of the file, whose hosts count then'),
  holdsConversations: optional(switchField).describe(
    'Whether it holds conversations, so that a client may send only what is new (previous_response_id, thread); absent: as is known of its vendor, else no',
  ),
  apiVersion: optional(labelField).describe(
    'Version of the API that is asked for by `api-version`, for vendors that want one; absent: the newest of its wire that is no preview',
  ),
  passthrough: passthroughField
    .prefault([])
    .describe(
      "The endpoint's own paths that clients may call under /passthrough/NAME, by rules of which the first that is about a request counts; absent: none",
    ),
  limits: ratesSchema
    .prefault({})
    .describe('Rates of its account with the vendor: beyond them a request goes to another target, or is told to wait'),
  family: optional(labelField).describe('Model family that shares one quota, where the vendor counts by family'),
};

const endpointField = section(endpointShape);
const namedEndpointField = section({ name: undottedNameField.describe('Name within the list'), ...endpointShape });

/** An endpoint with one credential. */
export interface ProviderConfiguration {
  /** "openai", or "openai.a" for the member `a` of a list: unique, shown in headers and tables. */
  readonly name: string;
  /** What deployments and contracts call it: the key in the file. Members of a list share it. */
  readonly group: string;
  /** Position within the list, null where the file has a single map. */
  readonly member: number | null;
  readonly wire: string;
  /** Null where its profile says it. */
  readonly alsoSpeaks: readonly string[] | null;
  readonly vendor: string;
  readonly account: string;
  readonly region: string | null;
  readonly baseUrl: string | null;
  /** Null where its name and host say it. */
  readonly addresses: Reach | null;
  readonly credentials: Readonly<Partial<Record<CredentialName, SecretReference>>>;
  /** Empty where unknown. A share of null is unknown. */
  readonly host: readonly HostShare[];
  readonly jurisdiction: string | null;
  readonly data: DataTerms;
  readonly dependsOn: readonly string[];
  /** Null where its vendor's profile says it. */
  readonly holdsConversations: boolean | null;
  /** Null where its wire says it, or has none. */
  readonly apiVersion: string | null;
  /** Its own paths that are open to clients. */
  readonly passthrough: readonly PassthroughRule[];
  /** What its account may be asked for. */
  readonly limits: Rates;
  readonly family: string | null;
}

/** `providers`: a map from names to endpoints, or to lists of named endpoints that are benched apart. */
export const providersSchema = mapOf(
  undottedNameField,
  z.union(
    [endpointField, listOf(namedEndpointField, 64)],
    faultMessage('expected a provider', 'write a map, or a list of maps with a name each'),
  ),
)
  .transform((groups): readonly ProviderConfiguration[] =>
    [...groups].flatMap(([group, endpoints]): ProviderConfiguration[] =>
      Array.isArray(endpoints)
        ? endpoints.map((endpoint, member) => ({ ...endpoint, name: `${group}.${endpoint.name}`, group, member }))
        : [{ ...endpoints, name: group, group, member: null }],
    ),
  )
  .describe('Endpoints with their credentials');

/** Where a provider stands in the file. */
export const providerPath = ({ group, member }: ProviderConfiguration): readonly (string | number)[] =>
  member === null ? ['providers', group] : ['providers', group, member];

/** The providers that a name of the file means: one, or all members of a list. */
export const providersNamed = (
  providers: readonly ProviderConfiguration[],
  name: string,
): readonly ProviderConfiguration[] =>
  providers.filter((provider) => provider.name === name || provider.group === name);
