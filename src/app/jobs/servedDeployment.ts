import type { Deployment, Terms } from '../../gateway/index.ts';
import { capabilitiesOf, declaredPrice, type PriceBook } from '../../market/index.ts';
import type { ServingJob } from '../../placement/index.ts';
import { modelBuckets } from '../../vocabulary/index.ts';
import { wires } from '../../wire/index.ts';

/** Every bucket costs nothing by the token: the capacity is paid for by the second, and a dollar is counted once. */
const paidByTheSecond = Object.fromEntries(modelBuckets.map((bucket) => [bucket, 0n]));

/** A job's server as a deployment of its logical model; null where nobody speaks its wire. */
export const servedDeployment = (
  { job, serve, attempt, provider, origin }: ServingJob,
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
    origin,
    basePath: serve.basePath.replace(/\/+$/, ''),
    apiKey: null,
    // What one attempt's server did wrong is not held against the next one's.
    credential: `${provider}/${job.id}/${attempt.number}`,
    quotaDomain: `${provider}/${job.id}/${attempt.number}`,
    vendor,
    hosts,
    jurisdiction,
    lab: null,
    region,
    capabilities: capabilitiesOf({ book, vendor: attempt.site, model, atMs: nowMs }),
    terms: () => terms,
  };
};
