import type { FastifyInstance } from 'fastify';
import { anyObject } from './anyObject.ts';
import type { ControlPlane, Json, LiveQuestion } from './ControlPlane.ts';
import { operatorOf } from './operatorOf.ts';
import { sendAnswer, sendFault } from './sendAnswer.ts';

const namesMax = 100;

const without = {
  type: 'array',
  maxItems: namesMax,
  items: { type: 'string', minLength: 1, maxLength: 200 },
  description: 'What is lost: a vendor, or host:NAME, jurisdiction:NAME, lab:NAME, provider:NAME',
} as const;

/** A length of time or a decimal; which, says best who reads the scenario. */
const word = { anyOf: [{ type: 'string' }, { type: 'number' }] } as const;

const scenarioBody = {
  type: 'object',
  additionalProperties: false,
  required: ['version', 'name', 'events'],
  description: 'A scenario file as JSON; absent: what is lost is out all the time',
  properties: {
    version: { type: 'integer' },
    name: { type: 'string' },
    about: { type: 'string' },
    events: {
      type: 'array',
      items: {
        type: 'object',
        additionalProperties: false,
        properties: { at: word, for: word, of: without, out: { type: 'boolean' }, capacity: word, price: word },
      },
    },
  },
} as const;

const replayBody = {
  type: 'object',
  additionalProperties: false,
  required: ['from', 'to'],
  properties: {
    without,
    from: { type: 'string', format: 'date-time' },
    to: { type: 'string', format: 'date-time', description: 'First instant after' },
    scenario: scenarioBody,
  },
} as const;

interface ReplayBody {
  readonly without?: readonly string[];
  readonly from: string;
  readonly to: string;
  readonly scenario?: Json;
}

/** Longest live drill. */
const lengthSecondsMax = 86_400;

const liveBody = {
  type: 'object',
  additionalProperties: false,
  required: ['without', 'forSeconds'],
  properties: {
    without,
    share: {
      type: 'number',
      exclusiveMinimum: 0,
      maximum: 1,
      description: 'Of the requests within the scope; absent: 0.1',
    },
    team: { type: 'string', minLength: 1, maxLength: 64, description: 'Only requests of this team' },
    key: { type: 'string', minLength: 1, maxLength: 64, description: 'Only requests of the key of this name' },
    forSeconds: { type: 'integer', minimum: 1, maximum: lengthSecondsMax },
    errorBudget: {
      type: 'number',
      minimum: 0,
      maximum: 1,
      description: 'Share of the requests that meet it which may fail before it ends; absent: 0.01',
    },
  },
} as const;

interface LiveBody {
  readonly without: readonly string[];
  readonly share?: number;
  readonly team?: string;
  readonly key?: string;
  readonly forSeconds: number;
  readonly errorBudget?: number;
}

const questionOf = (body: LiveBody): LiveQuestion => {
  const { without: lost, share = 0.1, team = null, key = null, forSeconds, errorBudget = 0.01 } = body;
  return { without: lost, share, team, key, lengthMs: forSeconds * 1_000, errorBudget };
};

const drillParameters = {
  type: 'object',
  required: ['id'],
  properties: { id: { type: 'string', format: 'uuid' } },
} as const;

const answersObject = { response: { 200: anyObject } } as const;

/** What would happen without a part of the supply, by the ledger's own requests, and the reports of it. */
export const drillRoutes = (scope: FastifyInstance, control: ControlPlane): void => {
  const read = { config: { policy: 'drills:read' as const } };
  const write = { config: { policy: 'drills:write' as const } };
  scope.get(
    '/admin/v1/drills',
    { ...read, schema: { summary: 'Drills, the newest first', ...answersObject } },
    async (_request, reply) => sendAnswer(reply, await control.drills()),
  );
  scope.get<{ Params: { id: string } }>(
    '/admin/v1/drills/:id',
    { ...read, schema: { summary: 'One drill with its report', params: drillParameters, ...answersObject } },
    async ({ params }, reply) => sendAnswer(reply, await control.drill(params.id)),
  );
  scope.post<{ Body: ReplayBody }>(
    '/admin/v1/drills/replay',
    {
      ...write,
      schema: {
        summary: "Replays the ledger's own requests without a part of the supply",
        body: replayBody,
        ...answersObject,
      },
    },
    async (request, reply) => {
      const { without: lost = [], from, to, scenario = null } = request.body;
      const [fromMs, toMs] = [Date.parse(from), Date.parse(to)];
      if (fromMs >= toMs)
        return sendFault(reply, 'bad_control_request', 'from must be before to: nothing lies between them.');
      const gone = new AbortController();
      reply.raw.once('close', () => gone.abort());
      const question = { without: lost, fromMs, toMs, scenario, gone: gone.signal };
      return sendAnswer(reply, await control.replayDrill(question, operatorOf(request)));
    },
  );
  scope.post<{ Body: LiveBody }>(
    '/admin/v1/drills/live',
    {
      ...write,
      schema: {
        summary: 'Makes a part of the supply fail for a share of the running requests',
        body: liveBody,
        ...answersObject,
      },
    },
    async (request, reply) =>
      sendAnswer(reply, await control.startDrill(questionOf(request.body), operatorOf(request))),
  );
  scope.delete(
    '/admin/v1/drills/live',
    { ...write, schema: { summary: 'Ends the live drill that is under way', ...answersObject } },
    async (request, reply) => sendAnswer(reply, await control.stopDrill(operatorOf(request))),
  );
};
