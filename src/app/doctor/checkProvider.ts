import {
  probeEndpoint,
  withQuery,
  type ProbedEndpoint,
  type Transport,
  type TransportFault,
} from '../../egress/index.ts';
import type { Clock, Result, Secret } from '../../kernel/index.ts';
import {
  defaultBaseUrl,
  modelsPathOf,
  profileOf,
  queryOf,
  reachOfProvider,
  type ProviderConfiguration,
} from '../../providers/index.ts';
import { wires, type UpstreamWire } from '../../wire/index.ts';
import { askFreely, type FreeAnswer } from './askFreely.ts';
import { checkClock } from './checkClock.ts';
import { findingsOf, type Finding } from './Finding.ts';

export interface ProviderPorts {
  readonly transport: Transport;
  readonly clock: Clock;
  /** The key of a provider; null where it has none, or it cannot be read. */
  readonly keyOf: (provider: ProviderConfiguration) => Secret | null;
  /** PEM certificates that are trusted in place of the system's. */
  readonly ca?: string;
}

const connectMs = 3_200;
const answerMs = 8_000;
const dayMs = 86_400_000;
/** A certificate that ends sooner is told of. */
const certificateDaysWanted = 14;

const { ok, warn, fail } = findingsOf('provider');

const mends: Readonly<Record<TransportFault['cause'], string>> = {
  connect_refused: 'check baseUrl and the port; for a machine of your own, start what serves there',
  connect_timeout: 'check the way out: firewall, proxy, routes',
  name_not_found: 'check the name in baseUrl, and the resolver of this machine (/etc/resolv.conf)',
  forbidden_address: 'name a public address, or say addresses: private or loopback where that is meant',
  tls: 'check the name in baseUrl and the certificates that this machine trusts (NODE_EXTRA_CA_CERTS)',
  reset: 'check what stands between: firewall, proxy',
  answer_malformed: 'check that baseUrl is an HTTP API',
  aborted: 'try again; then check what stands between',
};

const certificateFindings = (name: string, { certificate }: ProbedEndpoint, nowMs: number): readonly Finding[] => {
  if (certificate === null) return [];
  const { problem, endsAtMs } = certificate;
  if (problem !== null) return [fail(`its certificate is not believed: ${problem}`, mends.tls, name)];
  const days = endsAtMs === null ? null : Math.floor((endsAtMs - nowMs) / dayMs);
  if (days === null || days >= certificateDaysWanted) return [];
  return [warn(`its certificate ends in ${days} days`, 'whoever runs it must renew it: until then calls go on', name)];
};

/** What an answer says of a key. @param proves Whether only a valid key may read what was asked for. */
const judgeKey = (name: string, { status }: FreeAnswer, hasKey: boolean, proves: boolean): Finding => {
  if (status === 401 || status === 403)
    return hasKey
      ? fail(
          `it refuses the key (${status})`,
          'put a valid key where the configuration refers to; check the account at the vendor',
          name,
        )
      : fail(
          `it asks for a key, and none is configured (${status})`,
          'add credentials: { apiKey: "${env:NAME}" }',
          name,
        );
  if (status === 200) {
    if (!hasKey) return ok('answers without a key', name);
    return proves
      ? ok('the key is valid', name)
      : ok('answers; it asks for no key, so the configured one was not proven', name);
  }
  if (status === 429)
    return warn('it limits us now (429)', 'wait; where it stays, look at the limits of the account', name);
  if (status >= 500)
    return warn(`it has trouble of its own (${status})`, 'look at the status page of the vendor', name);
  return warn(
    `whether the key is valid cannot be proven for nothing (${status})`,
    'make one call with a small model',
    name,
  );
};

const dateFinding = (name: string, { headers }: FreeAnswer, sentMs: number, nowMs: number): readonly Finding[] => {
  const { date } = headers;
  const atMs = typeof date === 'string' ? Date.parse(date) : Number.NaN;
  if (Number.isNaN(atMs)) return [];
  // The header has whole seconds, and was written at some moment between the question and now.
  const skewMs = atMs + 500 - (sentMs + nowMs) / 2;
  return [checkClock({ of: name, skewMs, exactToMs: 500 + (nowMs - sentMs) / 2 })];
};

interface Asking {
  readonly provider: ProviderConfiguration;
  readonly baseUrl: URL;
  readonly wire: UpstreamWire;
}

const ask = (
  { provider, baseUrl, wire }: Asking,
  path: string,
  key: Secret | null,
  { transport }: ProviderPorts,
): Promise<Result<FreeAnswer, TransportFault>> =>
  askFreely(
    transport,
    {
      origin: baseUrl.origin,
      reach: reachOfProvider(provider, baseUrl.href),
      credential: `doctor ${provider.name}${key === null ? '' : ' key'}`,
      method: 'GET',
      path: `${baseUrl.pathname.replace(/\/+$/, '')}${withQuery(path, queryOf(provider))}`,
      headers: {
        ...wire.defaultRequestHeaders,
        ...(key === null ? {} : wire.credentialHeaders(key.reveal())),
        accept: 'application/json',
        'accept-encoding': 'identity',
        'user-agent': 'archipel',
      },
      body: null,
    },
    answerMs,
  );

/** Proves a key by what costs nothing: a list that only its holder may read. */
const keyFindings = async (asking: Asking, ports: ProviderPorts): Promise<readonly Finding[]> => {
  const { provider } = asking;
  const { name } = provider;
  const key = ports.keyOf(provider);
  const profile = profileOf(provider);
  const hasKey = provider.credentials.apiKey !== undefined;
  if (hasKey && key === null) return [];
  const path = profile === null ? modelsPathOf(provider.wire) : profile.keyProofPath;
  const hasOther = !hasKey && Object.keys(provider.credentials).length > 0;
  if (path === null || hasOther)
    return [
      warn('whether its credential is valid cannot be proven for nothing', 'make one call with a small model', name),
    ];
  const sentMs = ports.clock.nowMs();
  const answered = await ask(asking, path, key, ports);
  if (!answered.ok) return [fail(`it gave no answer: ${answered.fault.message}`, mends[answered.fault.cause], name)];
  const clock = dateFinding(name, answered.value, sentMs, ports.clock.nowMs());
  // Of an endpoint that nothing is known of, the same without a key tells whether the key was looked at.
  const bare =
    profile === null && key !== null && answered.value.status === 200 ? await ask(asking, path, null, ports) : null;
  const proves = profile !== null || (bare?.ok === true && [401, 403].includes(bare.value.status));
  return [judgeKey(name, answered.value, key !== null, proves), ...clock];
};

/** Looks at one provider: its name, its connection, its certificate and its key, by calls that cost nothing. */
export const checkProvider = async (
  provider: ProviderConfiguration,
  ports: ProviderPorts,
): Promise<readonly Finding[]> => {
  const { name } = provider;
  const wire = wires.get(provider.wire);
  const written = provider.baseUrl ?? defaultBaseUrl(provider);
  if (wire === undefined || written === null)
    return [
      warn(
        'nothing is sent there yet: this program does not speak its wire, or knows no address',
        'leave it for a later version, or mend wire and baseUrl',
        name,
      ),
    ];
  const baseUrl = new URL(written);
  const reach = reachOfProvider(provider, written);
  const { clock, ca } = ports;
  const probed = await probeEndpoint(baseUrl.origin, {
    reach,
    connectMs,
    monotonicMs: () => clock.monotonicMs(),
    ...(ca !== undefined && { ca }),
  });
  if (!probed.ok)
    return [fail(`${baseUrl.origin} cannot be reached: ${probed.fault.message}`, mends[probed.fault.cause], name)];
  const { address, connectMs: tookMs } = probed.value;
  const certificate = certificateFindings(name, probed.value, clock.nowMs());
  const reached = ok(`${baseUrl.origin} is reached at ${address} in ${tookMs.toFixed(0)} ms`, name);
  if (certificate.some(({ level }) => level === 'fail')) return [reached, ...certificate];
  return [reached, ...certificate, ...(await keyFindings({ provider, baseUrl, wire }, ports))];
};
