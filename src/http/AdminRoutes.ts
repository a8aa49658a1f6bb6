import type { IncomingMessage, ServerResponse } from 'node:http';
import swagger from '@fastify/swagger';
import Fastify, { type FastifyError, type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { extractCredential, type Right } from '../access/index.ts';
import { CodedError, type Log } from '../kernel/index.ts';
import { noRates, type Rates } from '../vocabulary/index.ts';
import type { ControlPlane, Json, NewKey, Operator, RoutePolicy, SettleQuestion } from './ControlPlane.ts';
import { controlErrors } from './errors.ts';
import { drillRoutes } from './drillRoutes.ts';
import { exportRoutes } from './exportRoutes.ts';
import { jobRoutes } from './jobRoutes.ts';
import { openAnswer, openPaths } from './openAnswer.ts';
import { operatorOf } from './operatorOf.ts';
import { RunningQuestions } from './RunningQuestions.ts';
import { readUsageGroups, usageGroups, usageGroupsMax } from './readUsageGroups.ts';
import { anyObject } from './anyObject.ts';
import { budgetBody, furtherBudgetBody, writtenBudget, type BudgetBody } from './budgetBody.ts';
import { closeRoute } from './closeRoute.ts';
import { nameParameters } from './nameParameters.ts';
import { sendAnswer, sendFault } from './sendAnswer.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Which right the route needs; a route without one keeps the routes from being opened. */
    policy?: RoutePolicy;
  }
  interface FastifyRequest {
    operator: Operator | null;
  }
}

const bodyBytesMax = 1_048_576;

const rate = { anyOf: [{ type: 'integer', minimum: 1 }, { type: 'null' }] } as const;

const newKeyBody = {
  type: 'object',
  required: ['name', 'team'],
  additionalProperties: false,
  properties: {
    name: { type: 'string', pattern: '^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$' },
    team: { type: 'string', minLength: 1, maxLength: 64 },
    models: { anyOf: [{ type: 'array', maxItems: 1_000, items: { type: 'string' } }, { type: 'null' }] },
    expires: { anyOf: [{ type: 'string', pattern: '^\\d{4}-\\d{2}-\\d{2}$' }, { type: 'null' }] },
    budget: { anyOf: [budgetBody, { type: 'null' }] },
    budgets: {
      description: 'Further budgets; each holds by itself, and a name tells it apart',
      type: 'array',
      maxItems: 16,
      items: furtherBudgetBody,
    },
    endUserBudget: {
      description: 'Most that each of its end users may spend',
      anyOf: [budgetBody, { type: 'null' }],
    },
    limits: {
      type: 'object',
      additionalProperties: false,
      properties: { rpm: rate, tpm: rate, inputTpm: rate, outputTpm: rate, streams: rate },
    },
  },
} as const;

/** The body as it may be sent: what is left out has a default. */
interface NewKeyBody {
  readonly name: string;
  readonly team: string;
  readonly models?: readonly string[] | null;
  readonly expires?: string | null;
  readonly budget?: BudgetBody | null;
  readonly budgets?: readonly BudgetBody[];
  readonly endUserBudget?: BudgetBody | null;
  readonly limits?: Partial<Rates>;
}

const newKeyOf = ({ name, team, models, expires, budget, budgets, endUserBudget, limits }: NewKeyBody): NewKey => ({
  name,
  team,
  models: models ?? null,
  expires: expires ?? null,
  budget: budget ? writtenBudget(budget) : null,
  ...(budgets === undefined ? {} : { budgets: budgets.map(writtenBudget) }),
  ...(endUserBudget ? { endUserBudget: writtenBudget(endUserBudget) } : {}),
  limits: { ...noRates, ...limits },
});

/** Which faults there are, and how far numbers go, says the sandbox itself. */
const vendorFaultBody = {
  type: 'object',
  additionalProperties: false,
  properties: {
    fault: { type: 'string', description: 'What it does to requests; "none" mends it' },
    share: { type: 'number', description: 'Share of the requests that meet it' },
    seed: { type: 'number', description: 'Of the draws' },
    afterEvents: { type: 'number', description: 'Content events before a stream breaks' },
    latencyMs: { type: 'number', description: 'Milliseconds before the first byte' },
    retryAfterS: { type: 'number', description: 'Seconds to come back after' },
  },
} as const;

const usageQuery = {
  type: 'object',
  additionalProperties: false,
  properties: {
    groupBy: {
      type: 'string',
      description: `One of ${usageGroups.join(', ')}; or two or ${usageGroupsMax} of them but host, with commas between`,
      anyOf: [{ enum: usageGroups }, { pattern: '^[a-z]+(,[a-z]+)+$' }],
    },
    from: { type: 'string', format: 'date-time' },
    to: { type: 'string', format: 'date-time' },
    fresh: { type: 'string', enum: ['true', 'false'] },
  },
} as const;

interface UsageQuery {
  readonly groupBy?: string;
  readonly from?: string;
  readonly to?: string;
  readonly fresh?: 'true' | 'false';
}

const pricesQuery = {
  type: 'object',
  additionalProperties: false,
  properties: {
    vendor: { type: 'string', maxLength: 200 },
    model: { type: 'string', maxLength: 400, description: "By the vendor's name" },
    at: { type: 'string', format: 'date-time', description: 'Prices of this moment; absent: now' },
  },
} as const;

/** Most days by targets of one request. */
const settledDaysMax = 1_000;

const settleBody = {
  type: 'object',
  additionalProperties: false,
  required: ['invoice', 'days'],
  properties: {
    invoice: { type: 'string', minLength: 1, maxLength: 200, description: 'Name of the bill' },
    days: {
      type: 'array',
      maxItems: settledDaysMax,
      items: {
        type: 'object',
        additionalProperties: false,
        required: ['day', 'targets', 'billedNanoUsd'],
        properties: {
          day: { type: 'string', format: 'date', description: 'UTC' },
          targets: { type: 'array', minItems: 1, maxItems: 100, items: { type: 'string', maxLength: 400 } },
          billedNanoUsd: { type: 'string', pattern: '^\\d{1,38}$', description: 'For all of them together' },
        },
      },
    },
  },
} as const;

/** May be left out. */
const reloadBody = {
  type: ['object', 'null'],
  additionalProperties: false,
  properties: {
    force: { type: 'boolean', description: 'Takes the file even where it takes most of what serves away' },
  },
} as const;

/** What of an address may be repeated: people put keys into queries. */
const pathOf = (url: string): string => (url.split('?')[0] ?? '').slice(0, 200);

const timeOf = (text: string | undefined): number | null => (text === undefined ? null : Date.parse(text));

/** What is wrong with a request; where a value is none of a few words, with the words; where nobody knows a field, with its name. */
const faultText = ({ message, validation }: FastifyError): string => {
  const words = validation?.flatMap(({ params: { allowedValues, additionalProperty } }) =>
    [allowedValues ?? [], additionalProperty ?? []].flat().map(String),
  );
  return words === undefined || words.length === 0 ? message : `${message}: ${words.join(', ')}`;
};

/** What the control plane is made of. */
export interface AdminPlaneOptions {
  readonly control: ControlPlane;
  readonly log: Log;
  readonly version: string;
}

/** The routes of the control plane, behind a listener of somebody else's. Each of them names the right it needs. */
export class AdminRoutes {
  readonly #control: ControlPlane;
  readonly #server: FastifyInstance;
  readonly #running = new RunningQuestions();

  private constructor(options: AdminPlaneOptions) {
    this.#control = options.control;
    this.#server = Fastify({
      bodyLimit: bodyBytesMax,
      logger: false,
      // What was sent is taken as it was sent: no null becomes a list, no unknown field disappears.
      ajv: { customOptions: { coerceTypes: false, removeAdditional: false, useDefaults: false } },
    });
    // Answers are JSON as they are: a serializer built for each route would take memory and change nothing.
    this.#server.setSerializerCompiler(() => (answer) => JSON.stringify(answer));
    this.#guard(options.log);
    this.#describe(options.version);
    // Routes are made once the OpenAPI collector is in place.
    void this.#server.register(async (scope) => {
      this.#openRoutes(scope);
      this.#readRoutes(scope);
      this.#keyRoutes(scope);
      this.#operatorRoutes(scope);
      this.#sandboxRoutes(scope);
      exportRoutes(scope, this.#control);
      drillRoutes(scope, this.#control);
      jobRoutes(scope, this.#control);
    });
  }

  /** Makes the routes ready to be asked. */
  static async open(options: AdminPlaneOptions): Promise<AdminRoutes> {
    const routes = new AdminRoutes(options);
    await routes.#server.ready();
    return routes;
  }

  /** Answers one request. */
  handle(request: IncomingMessage, response: ServerResponse): void {
    this.#server.routing(request, response);
  }

  async close(): Promise<void> {
    await this.#server.close();
  }

  #guard(log: Log): void {
    this.#server.decorateRequest('operator', null);
    this.#server.addHook('onRoute', closeRoute);
    this.#server.addHook('onRequest', async (request, reply) => this.#admit(request, reply));
    this.#server.setErrorHandler((error: FastifyError, _request, reply) => {
      if (error instanceof CodedError && error.row.status === 503)
        return sendFault(reply, 'store_unavailable', error.message);
      if (error.validation !== undefined || (error.statusCode ?? 500) < 500) {
        return sendFault(reply, 'bad_control_request', faultText(error));
      }
      log.error('control plane failed', { message: error.stack ?? error.message });
      return reply.code(500).send({ error: { code: 'internal_error', message: 'The log has the cause.' } });
    });
    this.#server.setNotFoundHandler({}, (request, reply) =>
      sendFault(reply, 'no_such_thing', `There is no ${request.method} ${pathOf(request.url)} here.`),
    );
  }

  async #admit(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply | undefined> {
    request.operator = this.#operatorOf(request);
    const policy = request.routeOptions.config.policy;
    if (request.is404 || policy === 'open') return undefined;
    if (request.operator === null)
      return sendFault(reply, 'operator_key_invalid', controlErrors.operator_key_invalid.what);
    if (policy === undefined || !request.operator.rights.has(policy)) {
      return sendFault(
        reply,
        'operator_forbidden',
        `${controlErrors.operator_forbidden.what} It needs ${policy ?? 'a right'}.`,
      );
    }
    this.#watch(request, reply, policy);
    return undefined;
  }

  #operatorOf({ headers }: FastifyRequest): Operator | null {
    const credential = extractCredential(headers);
    return credential.ok ? this.#control.operatorOf(credential.value) : null;
  }

  /** What takes long is not told to whoever has lost the right to it meanwhile. */
  #watch(request: FastifyRequest, { raw }: FastifyReply, policy: Right): void {
    const question = {
      isAllowed: () => this.#operatorOf(request)?.rights.has(policy) === true,
      cut: () => void raw.destroy(),
    };
    this.#running.enter(question);
    raw.once('close', () => this.#running.leave(question));
  }

  #describe(version: string): void {
    void this.#server.register(swagger, {
      openapi: {
        openapi: '3.1.0',
        info: { title: 'Archipel control plane', version },
        components: { securitySchemes: { adminKey: { type: 'http', scheme: 'bearer' } } },
        security: [{ adminKey: [] }],
      },
    });
  }

  #openRoutes(scope: FastifyInstance): void {
    const open = { config: { policy: 'open' as const } };
    const told = {
      '/healthz': { summary: 'Whether the process lives', security: [] },
      '/readyz': { summary: 'Whether requests are served; with an admin key, why not' },
      '/metrics': { summary: 'Prometheus text; without a key on loopback only' },
    };
    for (const path of openPaths)
      scope.get(path, { ...open, schema: told[path] }, async (request, reply) => {
        const asker = { operator: request.operator, address: request.ip };
        const { status, headers, body } = await openAnswer(path, asker, this.#control);
        return reply.code(status).headers(headers).send(body);
      });
    scope.get('/admin/v1/openapi.json', { ...open, schema: { summary: 'This document', security: [] } }, async () =>
      this.#server.swagger(),
    );
  }

  #readRoutes(scope: FastifyInstance): void {
    const control = this.#control;
    const usageRead = { config: { policy: 'usage:read' as const } };
    scope.get(
      '/admin/v1/status',
      { ...usageRead, schema: { summary: 'What runs here', response: { 200: anyObject } } },
      async (_request, reply) => sendAnswer(reply, await control.status()),
    );
    scope.get<{ Querystring: UsageQuery }>(
      '/admin/v1/usage',
      {
        ...usageRead,
        schema: { summary: 'What was used and what it cost', querystring: usageQuery, response: { 200: anyObject } },
      },
      async ({ query }, reply) => {
        const groupBy = readUsageGroups(query.groupBy ?? 'vendor');
        if (groupBy === null)
          return sendFault(
            reply,
            'bad_control_request',
            `groupBy takes up to ${usageGroupsMax} different ones of ${usageGroups.join(', ')}; host stands alone.`,
          );
        return sendAnswer(
          reply,
          await control.usage({
            groupBy,
            fromMs: timeOf(query.from),
            toMs: timeOf(query.to),
            fresh: query.fresh === 'true',
          }),
        );
      },
    );
    scope.get(
      '/admin/v1/dependency',
      {
        ...usageRead,
        schema: {
          summary: 'Shares of vendors, hosts, jurisdictions and labs against the caps, and what is served without each',
          response: { 200: anyObject },
        },
      },
      async (_request, reply) => sendAnswer(reply, await control.dependency()),
    );
    scope.get(
      '/admin/v1/health',
      {
        ...usageRead,
        schema: {
          summary: 'What live traffic taught of targets, credentials and quota domains, and what these serve at most',
          response: { 200: anyObject },
        },
      },
      async (_request, reply) => sendAnswer(reply, await control.health()),
    );
    scope.get(
      '/admin/v1/contracts',
      {
        config: { policy: 'contracts:read' },
        schema: { summary: 'Contracts and how far they are drawn down', response: { 200: anyObject } },
      },
      async (_request, reply) => sendAnswer(reply, await control.contracts()),
    );
    scope.get<{ Querystring: { readonly vendor?: string; readonly model?: string; readonly at?: string } }>(
      '/admin/v1/prices',
      {
        ...usageRead,
        schema: {
          summary: 'Prices in force: of the file, of its lists, and those that the program ships with',
          querystring: pricesQuery,
          response: { 200: anyObject },
        },
      },
      async ({ query: { vendor, model, at } }, reply) =>
        sendAnswer(reply, await control.prices({ vendor, model, atMs: timeOf(at) })),
    );
    scope.get<{ Params: { id: string } }>(
      '/admin/v1/requests/:id',
      {
        config: { policy: 'requests:read' },
        schema: {
          summary: 'One request: decisions, attempts, buckets, price lines, contract',
          params: { type: 'object', required: ['id'], properties: { id: { type: 'string', format: 'uuid' } } },
          response: { 200: anyObject },
        },
      },
      async ({ params }, reply) => sendAnswer(reply, await control.request(params.id)),
    );
    scope.post(
      '/admin/v1/ledger/verify',
      { ...usageRead, schema: { summary: 'Proves the ledger against the spool', response: { 200: anyObject } } },
      async (_request, reply) => sendAnswer(reply, await control.verifyLedger()),
    );
    scope.post<{ Body: SettleQuestion }>(
      '/admin/v1/ledger/settle',
      {
        config: { policy: 'operators:write' },
        schema: {
          summary: 'Makes the cost of attempts that were not reported known from a bill',
          body: settleBody,
          response: { 200: anyObject },
        },
      },
      async (request, reply) => sendAnswer(reply, await control.settleBill(request.body, operatorOf(request))),
    );
    scope.get(
      '/admin/v1/ledger/accounts',
      {
        ...usageRead,
        schema: { summary: 'The trial balance: accounts with debit, credit and balance', response: { 200: anyObject } },
      },
      async (_request, reply) => sendAnswer(reply, await control.ledgerAccounts()),
    );
    scope.post<{ Body: { readonly force?: boolean } | null | undefined }>(
      '/admin/v1/reload',
      {
        config: { policy: 'teams:write' },
        schema: { summary: 'Reads the configuration file anew', body: reloadBody, response: { 200: anyObject } },
      },
      async ({ body }, reply) => sendAnswer(reply, await control.reload(body?.force === true)),
    );
  }

  #keyRoutes(scope: FastifyInstance): void {
    const control = this.#control;
    const write = { config: { policy: 'keys:write' as const } };
    scope.get(
      '/admin/v1/keys',
      {
        config: { policy: 'keys:read' },
        schema: { summary: 'Keys of clients, without the keys themselves', response: { 200: anyObject } },
      },
      async (request, reply) => sendAnswer(reply, await control.keys(operatorOf(request))),
    );
    scope.post<{ Body: NewKeyBody }>(
      '/admin/v1/keys',
      {
        ...write,
        schema: {
          summary: 'Makes a key; the only answer that shows it',
          body: newKeyBody,
          response: { 200: anyObject },
        },
      },
      async (request, reply) => sendAnswer(reply, await control.createKey(newKeyOf(request.body), operatorOf(request))),
    );
    scope.post<{ Params: { name: string } }>(
      '/admin/v1/keys/:name/rotate',
      {
        ...write,
        schema: {
          summary: 'Replaces a key by a new one; the old one ends',
          params: nameParameters,
          response: { 200: anyObject },
        },
      },
      async (request, reply) => sendAnswer(reply, await control.rotateKey(request.params.name, operatorOf(request))),
    );
    scope.delete<{ Params: { name: string } }>(
      '/admin/v1/keys/:name',
      { ...write, schema: { summary: 'Revokes a key', params: nameParameters, response: { 200: anyObject } } },
      async (request, reply) => sendAnswer(reply, await control.revokeKey(request.params.name, operatorOf(request))),
    );
  }

  #operatorRoutes(scope: FastifyInstance): void {
    scope.post(
      '/admin/v1/operators/control/rotate',
      {
        config: { policy: 'operators:write' },
        schema: {
          summary:
            'Replaces the admin key of the control file; the only answer that shows the new one, the old one ends',
          response: { 200: anyObject },
        },
      },
      async (request, reply) => sendAnswer(reply, await this.#control.rotateControlKey(operatorOf(request))),
    );
  }

  #sandboxRoutes(scope: FastifyInstance): void {
    const control = this.#control;
    const write = { config: { policy: 'sandbox:write' as const } };
    scope.get(
      '/sandbox/vendors',
      { ...write, schema: { summary: 'Simulated vendors as they count themselves', response: { 200: anyObject } } },
      async (_request, reply) => sendAnswer(reply, await control.sandbox(null)),
    );
    scope.get<{ Params: { name: string } }>(
      '/sandbox/vendors/:name',
      {
        ...write,
        schema: {
          summary: 'One simulated vendor: requests, tokens, bill',
          params: nameParameters,
          response: { 200: anyObject },
        },
      },
      async ({ params }, reply) => sendAnswer(reply, await control.sandbox(params.name)),
    );
    scope.put<{ Params: { name: string }; Body: Json }>(
      '/sandbox/vendors/:name',
      {
        ...write,
        schema: {
          summary: 'Sets a fault on a simulated vendor',
          params: nameParameters,
          body: vendorFaultBody,
          response: { 200: anyObject },
        },
      },
      async ({ params, body }, reply) => sendAnswer(reply, await control.setVendorFault(params.name, body)),
    );
    scope.put<{ Params: { name: string }; Body: Json }>(
      '/sandbox/hosts/:name',
      {
        ...write,
        schema: {
          summary: 'Sets a fault on all simulated vendors of a host',
          params: nameParameters,
          body: vendorFaultBody,
          response: { 200: anyObject },
        },
      },
      async ({ params, body }, reply) => sendAnswer(reply, await control.setHostFault(params.name, body)),
    );
  }
}
