import { mayUseModel } from '../access/index.ts';
import { policyRefusal } from '../router/index.ts';
import { featuresIn, targetName, type FeatureSet } from '../vocabulary/index.ts';
import type { Exchange } from './Exchange.ts';
import { lackingWords } from './lackingWords.ts';
import { deploymentsFor, type OpenedRequest } from './openRequest.ts';
import type { Refusal } from './Refusal.ts';
import type { Snapshot } from './Snapshot.ts';
import type { Weighed } from './weigh.ts';

/** Most targets, and most other models, that the client is told. */
const namesMax = 5;

/** What a client is told whose request needs what no target of its model has. */
export const lackRefusal = (
  snapshot: Snapshot,
  exchange: Exchange,
  { facts, model }: OpenedRequest,
  weighed: readonly Weighed[],
): Refusal => {
  const lacking = weighed.filter(({ lacks }) => lacks !== 0);
  const told = lacking
    .slice(0, namesMax)
    .map(({ deployment, lacks }) => `${targetName(deployment.target)} ${lackingWords(lacks)}`);
  const others = ableModels(snapshot, exchange, facts.requirements.features).filter((name) => name !== model.name);
  const mend = others.length === 0 ? 'Leave it out.' : `Leave it out, or ask for ${others.join(' or ')}.`;
  const [parameter] = featuresIn(lacking[0]?.lacks ?? 0);
  return {
    code: 'unsupported_feature',
    message: `No target of the model ${JSON.stringify(model.name)} can serve this request: ${told.join('; ')}. ${mend}`,
    ...(parameter === undefined ? {} : { parameter }),
  };
};

/** Models that the caller may use and that have a target that policies allow and that has no such lack. */
const ableModels = (
  { models, lacking, policies }: Snapshot,
  exchange: Exchange,
  needs: FeatureSet,
): readonly string[] =>
  [...models.values()]
    .filter(
      (model) =>
        mayUseModel(exchange.principal, model.name) &&
        deploymentsFor(model, exchange.wire, exchange.route.operation).some(
          (deployment) =>
            (needs & deployment.capabilities.lacks & ~lacking.dropped) === 0 &&
            policyRefusal(policies.of(model.name, exchange.principal), deployment) === null,
        ),
    )
    .slice(0, namesMax)
    .map(({ name }) => name);
