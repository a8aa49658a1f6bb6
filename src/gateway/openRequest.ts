import { mayUseModel } from '../access/index.ts';
import { failure, success, type Result } from '../kernel/index.ts';
import { near } from '../market/index.ts';
import type { RequestFacts } from '../wire/index.ts';
import type { Exchange } from './Exchange.ts';
import type { Refusal } from './Refusal.ts';
import type { Deployment, LogicalModel, Snapshot } from './Snapshot.ts';

/** A request that is understood and allowed, with the deployments that speak its wire. */
export interface OpenedRequest {
  readonly facts: RequestFacts;
  readonly model: LogicalModel;
  readonly deployments: readonly Deployment[];
}

const unknownModel = (snapshot: Snapshot, exchange: Exchange, asked: string): Refusal => {
  const allowed = [...snapshot.models.keys()].filter((name) => mayUseModel(exchange.principal, name));
  const nearNames = near(allowed, asked);
  const hint = nearNames.length > 0 ? `Did you mean ${nearNames.join(' or ')}?` : 'GET /v1/models lists the names.';
  return {
    code: 'unknown_model',
    message: `There is no model ${JSON.stringify(asked.slice(0, 100))} here. ${hint}`,
    parameter: 'model',
  };
};

/** Reads a request against the snapshot: what it asks, whether it may, and who could serve it. */
export const openRequest = (snapshot: Snapshot, exchange: Exchange): Result<OpenedRequest, Refusal> => {
  const { wire, route, principal, body } = exchange;
  const read = wire.readRequest(body, route.operation);
  if (!read.ok) return failure(read.fault);
  const facts = read.value;
  const model = snapshot.models.get(facts.model);
  if (!model) return failure(unknownModel(snapshot, exchange, facts.model));
  if (!mayUseModel(principal, model.name)) {
    const message = `The key ${JSON.stringify(principal.key)} may not use the model ${JSON.stringify(model.name)}. Ask for one of its models, or have the operator add this one.`;
    return failure({ code: 'key_forbidden_model', message, parameter: 'model' });
  }
  const deployments = model.deployments.filter(
    (deployment) => deployment.wire === wire && wire.upstreamPath(route.operation) !== null,
  );
  if (deployments.length === 0) {
    const speaks = [...new Set(model.deployments.map((deployment) => deployment.wire.name))].join(', ');
    const message = `The model ${JSON.stringify(model.name)} is served over the wire ${speaks} only; call it with a client of that wire.`;
    return failure({ code: 'unsupported_feature', message, parameter: 'model' });
  }
  return success({ facts, model, deployments });
};
