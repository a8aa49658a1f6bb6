import { mayUseModel } from '../access/index.ts';
import { failure, success, type Result } from '../kernel/index.ts';
import { near } from '../market/index.ts';
import type { Operation } from '../vocabulary/index.ts';
import { canPass, type BodyScan, type RequestFacts, type Wire } from '../wire/index.ts';
import { demandsOf, type Demands } from './demandsOf.ts';
import type { Exchange } from './Exchange.ts';
import type { GatewayPorts } from './GatewayPorts.ts';
import { Passages } from './Passages.ts';
import type { Refusal } from './Refusal.ts';
import type { SignedCalls } from './SignedCalls.ts';
import type { Deployment, LogicalModel, Snapshot } from './Snapshot.ts';
import { spokenWire } from './spokenWire.ts';

/** A request that is understood and allowed, with the deployments that may serve it. */
export interface OpenedRequest {
  readonly facts: RequestFacts;
  readonly model: LogicalModel;
  readonly deployments: readonly Deployment[];
  readonly demands: Demands;
  readonly passages: Passages;
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

/** A path whose answers have several forms, of which only one is made here, must be told so in its query. */
const missingParameter = ({ route, query }: Exchange): Refusal | null => {
  if (route.query === undefined) return null;
  const [name, value] = route.query;
  if (new URLSearchParams(query).get(name) === value) return null;
  const message = `Answers of this path are made with \`${name}=${value}\` only: add \`?${name}=${value}\` to it.`;
  return { code: 'bad_request', message, parameter: name };
};

/** The deployments of a model that can serve an operation to clients of a wire. */
export const deploymentsFor = (model: LogicalModel, wire: Wire, operation: Operation): readonly Deployment[] =>
  model.embeds && operation !== 'embed'
    ? []
    : model.deployments.filter((deployment) => canPass(wire, spokenWire(deployment, wire), operation));

/** Reads a request against the snapshot: what it asks, whether it may, and who could serve it. @param scan Of its body. */
export const openRequest = (
  snapshot: Snapshot,
  exchange: Exchange,
  scan: BodyScan,
  { translator, answers }: Pick<GatewayPorts, 'translator' | 'answers'>,
  signedCalls: SignedCalls,
): Result<OpenedRequest, Refusal> => {
  const { wire, route, words, principal } = exchange;
  const missing = missingParameter(exchange);
  if (missing !== null) return failure(missing);
  const read = wire.readRequest(scan, route.operation, snapshot.limits, words);
  if (!read.ok) return failure(read.fault);
  const facts = read.value;
  const model = snapshot.models.get(facts.model);
  if (!model) return failure(unknownModel(snapshot, exchange, facts.model));
  if (!mayUseModel(principal, model.name)) {
    const message = `The key ${JSON.stringify(principal.key)} may not use the model ${JSON.stringify(model.name)}. Ask for one of its models, or have the operator add this one.`;
    return failure({ code: 'key_forbidden_model', message, parameter: 'model' });
  }
  const deployments = deploymentsFor(model, wire, route.operation);
  // Tokens can be counted here when nobody else does.
  if (deployments.length === 0 && route.operation !== 'countTokens') {
    const message = `No target of the model ${JSON.stringify(model.name)} can serve ${route.path}; ask for another model.`;
    return failure({ code: 'unsupported_feature', message, parameter: 'model' });
  }
  const demands = demandsOf(snapshot, exchange, model);
  if (!demands.ok) return demands;
  const passages = new Passages(exchange, facts, {
    translator,
    signedCalls,
    inlineBytes: snapshot.limits.inlineBytes,
    policy: snapshot.lacking,
    keepsAnswers: answers.isOpen,
    goingOn: null,
  });
  return success({ facts, model, deployments, demands: demands.value, passages });
};
