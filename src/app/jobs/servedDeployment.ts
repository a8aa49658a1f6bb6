import type { Deployment, Terms } from '../../gateway/index.ts';
import { capabilitiesOf, declaredPrice, type PriceBook } from '../../market/index.ts';
import type { JobAttempt, ServedModel } from '../../placement/index.ts';
import { modelBuckets } from '../../vocabulary/index.ts';
import { wires } from '../../wire/index.ts';

/** A server's part that is kept on disk, and nothing more of its job. */
export const keptEndpoint = ({ job, serve, attempt, provider, origin }: ServedEndpoint): ServedEndpoint => ({
  job: { id: job.id },
  serve: { model: serve.model, targetModel: serve.targetModel, wire: serve.wire, basePath: serve.basePath },
  attempt: { number: attempt.number, site: attempt.site, place: { ...attempt.place } },
  provider,
  origin,
});

/** Every bucket costs nothing by the token: the capacity is paid for by the second, and a dollar is counted once. */
const paidByTheSecond = Object.fromEntries(modelBuckets.map((bucket) => [bucket, 0n]));

/** A job's server, as far as requests need to know of it. */
export interface ServedEndpoint {
  readonly job: { readonly id: string };
  readonly serve: Pick<ServedModel, 'model' | 'targetModel' | 'wire' | 'basePath'>;
  readonly attempt: Pick<JobAttempt, 'number' | 'site' | 'place'>;
  readonly provider: string;
  readonly origin: string;
}

/** A job's server as a deployment of its logical model; null where nobody speaks its wire. */
export const servedDeployment = (
  { job, serve, attempt, provider, origin }: ServedEndpoint,
  { book, nowMs }: { readonly book: PriceBook; readonly nowMs: number },
): Deployment | null => {
  const wire = wires.get(serve.wire);
  if (wire === undefined) return null;
  const { vendor, region, hosts, jurisdiction } = attempt.place;
  const model = serve.targetModel;
  const source = `capacity of ${attempt.site}`;
  const terms: Terms = {
    price: declaredPrice(paidByTheSecond, { vendor, model, source }),
    discount: '0',
    contract: null,
  };
  return {
    target: { provider, model },
    wire,
    alsoSpeaks: [],
    origin,
    // Where its executor runs it.
    reach: 'loopback',
    basePath: serve.basePath.replace(/\/+$/, ''),
    query: '',
    authorizer: null,
    // What one attempt's server did wrong is not held against the next one's.
    credential: `${provider}/${job.id}/${attempt.number}`,
    quotaDomain: `${provider}/${job.id}/${attempt.number}`,
    boundary: `${provider}/${job.id}/${attempt.number}`,
    // What it reads is not billed by the token.
    promptCache: null,
    holdsConversations: false,
    vendor,
    hosts,
    jurisdiction,
    // It is an engine of our own: it keeps nothing, and nobody is trained by it.
    data: { retentionDays: 0, training: false },
    tags: [],
    weight: null,
    canary: null,
    lab: null,
    region,
    capabilities: capabilitiesOf({ book, wire: serve.wire, vendor: attempt.site, model, atMs: nowMs }),
    // It is sized for what it serves, and refuses by itself.
    rates: null,
    terms: () => terms,
  };
};
