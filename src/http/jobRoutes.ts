import type { SwaggerTransform } from '@fastify/swagger';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { jobSchema } from '../placement/index.ts';
import { operatorOf } from './operatorOf.ts';
import { siteFaults, type ControlPlane, type Json, type SentOffers, type SiteFault } from './ControlPlane.ts';
import { jobStates, readJobStates } from './readJobStates.ts';
import { anyObject } from './anyObject.ts';
import { nameParameters } from './nameParameters.ts';
import { sendAnswer, sendFault } from './sendAnswer.ts';

/** Largest list of offers, with all that JSON puts around it. Bytes. */
const offersBodyBytesMax = 16_777_216;

const jobsDefault = 50;

const jobParameters = {
  type: 'object',
  required: ['id'],
  properties: {
    id: { type: 'string', pattern: '^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$' },
  },
} as const;

const idempotencyHeaders = {
  type: 'object',
  properties: {
    'idempotency-key': {
      type: 'string',
      description: 'Makes a submission that is sent again the same job. Printable ASCII without spaces.',
      pattern: '^[!-~]{1,200}$',
    },
  },
} as const;

const jobsQuery = {
  type: 'object',
  additionalProperties: false,
  properties: {
    state: {
      type: 'string',
      description: `One of ${jobStates.join(', ')}; or several with commas between`,
      maxLength: 200,
    },
    limit: {
      type: 'string',
      description: `At most so many, the newest; from 1 to 1000, else ${jobsDefault}`,
      pattern: '^([1-9]\\d{0,2}|1000)$',
    },
    idPrefix: {
      type: 'string',
      description: 'Only those whose id begins so: lower-case hexadecimal, with the dashes of an id',
      pattern: '^[0-9a-f][0-9a-f-]{0,35}$',
    },
  },
} as const;

interface JobsQuery {
  readonly state?: string;
  readonly limit?: string;
  readonly idPrefix?: string;
}

const logsQuery = {
  type: 'object',
  additionalProperties: false,
  properties: {
    attempt: { type: 'string', description: 'Absent: the newest', pattern: '^[1-9]\\d{0,4}$' },
    rank: { type: 'string', description: 'Absent: 0', pattern: '^\\d{1,5}$' },
    fromByte: { type: 'string', description: 'Where to read on; absent: 0', pattern: '^\\d{1,15}$' },
  },
} as const;

interface LogsQuery {
  readonly attempt?: string;
  readonly rank?: string;
  readonly fromByte?: string;
}

const offersBody = {
  type: 'object',
  required: ['name', 'date', 'csv'],
  additionalProperties: false,
  properties: {
    name: { type: 'string', minLength: 1, maxLength: 64 },
    date: {
      description: 'Day of the prices; null where nobody knows it',
      anyOf: [{ type: 'string', pattern: '^\\d{4}-\\d{2}-\\d{2}$' }, { type: 'null' }],
    },
    csv: { type: 'string', description: 'The list itself, with its header line' },
  },
} as const;

const offersQuery = {
  type: 'object',
  additionalProperties: false,
  properties: {
    accelerator: { type: 'string', description: 'Only offers of this kind', minLength: 1, maxLength: 128 },
  },
} as const;

const siteFaultBody = {
  type: 'object',
  required: ['fault'],
  additionalProperties: false,
  properties: { fault: { type: 'string', enum: siteFaults } },
} as const;

/** A job is read where jobs are run, which says best what is wrong with it: what may stand in it is worked out when the document is asked for. */
const withJobBody: SwaggerTransform = ({ schema, url }) => ({
  schema: { ...schema, body: z.toJSONSchema(jobSchema, { io: 'input' }) },
  url,
});

const answersObject = { response: { 200: anyObject } } as const;
const read = { config: { policy: 'jobs:read' as const } };
const write = { config: { policy: 'jobs:write' as const } };

const listRoutes = (scope: FastifyInstance, control: ControlPlane): void => {
  scope.post<{ Body: Json; Headers: { 'idempotency-key'?: string } }>(
    '/admin/v1/jobs',
    {
      config: { ...write.config, swaggerTransform: withJobBody },
      schema: {
        summary: 'Submits a job: a job file as JSON',
        body: anyObject,
        headers: idempotencyHeaders,
        ...answersObject,
      },
    },
    async (request, reply) =>
      sendAnswer(
        reply,
        await control.submitJob(request.body, operatorOf(request), request.headers['idempotency-key'] ?? null),
      ),
  );
  scope.get<{ Querystring: JobsQuery }>(
    '/admin/v1/jobs',
    { ...read, schema: { summary: 'Jobs, the newest first', querystring: jobsQuery, ...answersObject } },
    async ({ query }, reply) => {
      const states = query.state === undefined ? null : readJobStates(query.state);
      if (query.state !== undefined && states === null)
        return sendFault(
          reply,
          'bad_control_request',
          `state takes different ones of ${jobStates.join(', ')}, with commas between.`,
        );
      const { idPrefix, limit = jobsDefault } = query;
      return sendAnswer(
        reply,
        await control.jobs({ states, limit: Number(limit), ...(idPrefix !== undefined && { idPrefix }) }),
      );
    },
  );
};

const oneJobRoutes = (scope: FastifyInstance, control: ControlPlane): void => {
  scope.get<{ Params: { id: string } }>(
    '/admin/v1/jobs/:id',
    {
      ...read,
      schema: { summary: 'One job: its attempts, with evidence and cost', params: jobParameters, ...answersObject },
    },
    async ({ params }, reply) => sendAnswer(reply, await control.job(params.id)),
  );
  scope.get<{ Params: { id: string }; Querystring: LogsQuery }>(
    '/admin/v1/jobs/:id/logs',
    {
      ...read,
      schema: { summary: 'What a rank wrote', params: jobParameters, querystring: logsQuery, ...answersObject },
    },
    async ({ params, query }, reply) =>
      sendAnswer(
        reply,
        await control.jobLogs({
          id: params.id,
          attempt: query.attempt === undefined ? null : Number(query.attempt),
          rank: Number(query.rank ?? 0),
          fromByte: Number(query.fromByte ?? 0),
        }),
      ),
  );
  scope.post<{ Params: { id: string } }>(
    '/admin/v1/jobs/:id/cancel',
    { ...write, schema: { summary: 'Ends a job', params: jobParameters, ...answersObject } },
    async (request, reply) => sendAnswer(reply, await control.cancelJob(request.params.id, operatorOf(request))),
  );
  scope.get<{ Params: { id: string } }>(
    '/admin/v1/jobs/:id/explain',
    {
      ...read,
      schema: {
        summary: 'Where a job was placed and why, and why not elsewhere',
        params: jobParameters,
        ...answersObject,
      },
    },
    async ({ params }, reply) => sendAnswer(reply, await control.explainJob(params.id)),
  );
};

const capacityRoutes = (scope: FastifyInstance, control: ControlPlane): void => {
  scope.get(
    '/admin/v1/sites',
    { ...read, schema: { summary: 'Where jobs can run, and what is taken there', ...answersObject } },
    async (_request, reply) => sendAnswer(reply, await control.sites()),
  );
  scope.put<{ Body: SentOffers }>(
    '/admin/v1/offers',
    {
      config: { policy: 'offers:write' },
      bodyLimit: offersBodyBytesMax,
      schema: {
        summary: 'Keeps a list of what clouds offer, in place of the one of its name',
        body: offersBody,
        ...answersObject,
      },
    },
    async (request, reply) => sendAnswer(reply, await control.importOffers(request.body, operatorOf(request))),
  );
  scope.get<{ Querystring: { readonly accelerator?: string } }>(
    '/admin/v1/offers',
    {
      ...read,
      schema: { summary: 'What clouds offer, by the lists kept', querystring: offersQuery, ...answersObject },
    },
    async ({ query }, reply) => sendAnswer(reply, await control.offers(query.accelerator ?? null)),
  );
};

const siteFaultRoutes = (scope: FastifyInstance, control: ControlPlane): void => {
  const breaking = { config: { policy: 'sandbox:write' as const } };
  scope.get(
    '/sandbox/sites',
    { ...breaking, schema: { summary: 'Simulated sites and their faults', ...answersObject } },
    async (_request, reply) => sendAnswer(reply, await control.sandboxSites()),
  );
  scope.put<{ Params: { name: string }; Body: { readonly fault: SiteFault } }>(
    '/sandbox/sites/:name',
    {
      ...breaking,
      schema: {
        summary: 'Sets a fault on a simulated site',
        params: nameParameters,
        body: siteFaultBody,
        ...answersObject,
      },
    },
    async ({ params, body }, reply) => sendAnswer(reply, await control.setSiteFault(params.name, body.fault)),
  );
};

/** Jobs, the sites where they run, and what is offered elsewhere. */
export const jobRoutes = (scope: FastifyInstance, control: ControlPlane): void => {
  listRoutes(scope, control);
  oneJobRoutes(scope, control);
  capacityRoutes(scope, control);
  siteFaultRoutes(scope, control);
};
