import { mayUseModel } from '../access/index.ts';
import { failure, success, type Result } from '../kernel/index.ts';
import { isServedPath, isUploadInParts, type PassedPath, type RequestFacts } from '../wire/index.ts';
import { demandsOf } from './demandsOf.ts';
import type { Exchange } from './Exchange.ts';
import type { OpenedRequest } from './openRequest.ts';
import { Passages } from './Passages.ts';
import type { Refusal } from './Refusal.ts';
import type { PassedRule, Snapshot } from './Snapshot.ts';
import type { SignedCalls } from './SignedCalls.ts';
import type { Translator } from './translation/Translator.ts';

/** What a part of a path may consist of once it is decoded: whatever else there is, somebody on the way reads it in another way than we do. */
const plainPart = /^[A-Za-z0-9\-._~!$&'()*+,=:@]+$/;

const decoded = (part: string): string | null => {
  try {
    return decodeURIComponent(part);
  } catch {
    return null;
  }
};

/** The parts of a path, decoded; null where one is not plain. */
const plainParts = (path: string): readonly string[] | null => {
  const parts: string[] = [];
  for (const written of path.slice(1).split('/')) {
    const part = decoded(written);
    if (part === null || !plainPart.test(part) || part === '.' || part === '..') return null;
    parts.push(part);
  }
  return parts;
};

/** A path under a provider's base URL. Clients whose base URL ends as the provider's own may go on writing that end. */
export const pathUnder = (basePath: string, path: string): string =>
  path.startsWith(`${basePath}/`) ? path.slice(basePath.length) : path;

const unplain: Refusal = {
  code: 'bad_request',
  message:
    "A path that is handed on consists of letters, digits and -._~!$&'()*+,=:@ between single slashes, also where it is encoded, and does not end in a slash.",
};

const served = (path: string): Refusal => ({
  code: 'passthrough_closed',
  message: `${path} is served by this gateway itself, with models, prices and policy: call it without /passthrough, with the name of a model that GET /v1/models lists.`,
});

const closed = ({ route }: Exchange, provider: string, path: string): Refusal => ({
  code: 'passthrough_closed',
  message: `Nothing opens ${route.method} ${path.slice(0, 200)} of ${provider.slice(0, 100)} to clients. The operator can add { path, methods, usdPerRequest } to providers.${provider.slice(0, 100)}.passthrough in the file; a member of a list is called by both its names, as in list.member.`,
});

const forbidden = ({ principal, route }: Exchange, path: string, model: string | null): Refusal => {
  const key = JSON.stringify(principal.key);
  const why =
    model === null
      ? `${route.method} ${path} counts as none: have the operator name one of its models in the rule of this path`
      : `${route.method} ${path} counts as ${JSON.stringify(model)}, which is none of them`;
  return { code: 'key_forbidden_model', message: `The key ${key} is limited to models, and ${why}.` };
};

const inParts: Refusal = {
  code: 'unsupported_feature',
  message:
    'An upload in parts goes to an address that the vendor gives, which leads past this gateway. Send the file in one request, with X-Goog-Upload-Protocol: multipart or raw.',
  parameter: 'x-goog-upload-protocol',
};

const ruleFor = (
  snapshot: Snapshot,
  exchange: Exchange,
  { provider, path }: PassedPath,
): Result<PassedRule, Refusal> => {
  const opened = snapshot.passthrough.get(provider);
  const under = pathUnder(opened?.basePath ?? '', path);
  const parts = plainParts(under);
  if (parts === null) return failure(unplain);
  if (isServedPath(parts)) return failure(served(under));
  const rule = opened?.rules.find((one) => one.isAbout(exchange.route.method, parts));
  if (rule === undefined) return failure(closed(exchange, provider, under));
  const { principal, headers, query } = exchange;
  const isAllowed = rule.countsAs === null ? principal.models === null : mayUseModel(principal, rule.countsAs);
  if (!isAllowed) return failure(forbidden(exchange, under, rule.countsAs));
  return isUploadInParts(headers, query) ? failure(inParts) : success(rule);
};

/** Of what is not read here nothing is known but that it is one request. */
const factsOf = (model: string): RequestFacts => ({
  model,
  stream: false,
  usageAsked: false,
  outputBoundTokens: null,
  choices: 1,
  inputBoundTokens: 0,
  inputEstimateTokens: 0,
  requirements: { operation: 'passthrough', features: 0, parameters: [] },
  members: [],
});

/** Finds the rule of the file that opens a path of a provider to this client: the first that is about it. */
export const openPassed = (
  snapshot: Snapshot,
  exchange: Exchange,
  passed: PassedPath,
  translator: Translator,
  signedCalls: SignedCalls,
): Result<OpenedRequest, Refusal> => {
  const found = ruleFor(snapshot, exchange, passed);
  if (!found.ok) return found;
  const { model } = found.value;
  const demands = demandsOf(snapshot, exchange, model);
  if (!demands.ok) return demands;
  const facts = factsOf(model.name);
  const passages = new Passages(exchange, facts, {
    translator,
    signedCalls,
    inlineBytes: snapshot.limits.inlineBytes,
    policy: snapshot.lacking,
    keepsAnswers: false,
    goingOn: null,
  });
  return success({ facts, model, deployments: model.deployments, demands: demands.value, passages });
};
