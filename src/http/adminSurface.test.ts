import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import {
  adminTable,
  askers,
  carriers,
  requestOf,
  rightStatus,
  routesOf,
  seenStatus,
  type AdminRow,
  type Asker,
} from '../../test/rigs/adminTable.ts';
import { success } from '../kernel/index.ts';
import { TestAdminPlane, type Told } from './openTestAdminPlane.fixture.ts';

interface Schema {
  readonly type?: string | readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: boolean | Schema;
  readonly propertyNames?: Schema;
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
}

interface Operation {
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: Schema }>> };
  readonly parameters?: readonly { readonly in: string; readonly name: string }[];
}

interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
}

let plane: TestAdminPlane;
let document: Document;

beforeAll(async () => {
  plane = await TestAdminPlane.open();
  const { body } = await plane.ask('GET /admin/v1/openapi.json', { key: null });
  document = JSON.parse(JSON.stringify(body));
});
afterAll(() => plane[Symbol.asyncDispose]());
beforeEach(() => {
  plane.asked.length = 0;
  plane.answer = () => Promise.resolve(success({ answered: true }));
});

const operationOf = ({ route }: Pick<AdminRow, 'route'>): Operation => {
  const [method = '', path = ''] = route.split(' ');
  return document.paths[path]?.[method.toLowerCase()] ?? {};
};

const bodySchemaOf = (row: Pick<AdminRow, 'route'>): Schema | undefined =>
  Object.values(operationOf(row).requestBody?.content ?? {})[0]?.schema;

/** A schema and all that stand in it, each with where it stands. */
const schemasIn = (schema: Schema, at = ''): readonly (readonly [at: string, schema: Schema])[] => [
  [at, schema],
  ...Object.entries(schema.properties ?? {}).flatMap(([name, inner]) => schemasIn(inner, `${at}/${name}`)),
  ...(schema.items ? schemasIn(schema.items, `${at}/*`) : []),
  ...(schema.anyOf ?? []).flatMap((inner) => schemasIn(inner, at)),
  ...(typeof schema.additionalProperties === 'object' ? schemasIn(schema.additionalProperties, `${at}/{}`) : []),
];

/** Whether it takes objects, whatever else it takes. */
const isObject = ({ type, properties, anyOf, ...rest }: Schema): boolean =>
  properties !== undefined ||
  'additionalProperties' in rest ||
  [type].flat().includes('object') ||
  (type === undefined && anyOf === undefined && !('enum' in rest));

const bodies = (): readonly (readonly [place: string, schema: Schema])[] =>
  adminTable.flatMap((row) => {
    const schema = bodySchemaOf(row);
    return schema === undefined ? [] : schemasIn(schema, `${row.route} `);
  });

const ask = (row: AdminRow, headers: Readonly<Record<string, string>>, body = row.body): Promise<Told> => {
  const { method, path } = requestOf(row);
  return plane.ask(`${method} ${path}`, { key: null, headers, ...(body === undefined ? {} : { body }) });
};

describe('the table of who may ask what', () => {
  test('has each route once, and none that is not there [G14]', () => {
    const written = adminTable.map(({ route }) => route);
    expect(new Set(written).size).toBe(written.length);
    expect(written.toSorted()).toEqual(routesOf(document).toSorted());
  });

  test('a route that nobody wrote down is found', () => {
    const grown = { paths: { ...document.paths, '/admin/v1/new': { get: {} } } };
    const written = adminTable.map(({ route }) => route);
    expect(routesOf(grown).filter((route) => !written.includes(route))).toEqual(['GET /admin/v1/new']);
  });

  test('is what the control plane does, for everybody, however they carry their key [G14]', async () => {
    const deviations: string[] = [];
    let cells = 0;
    for (const row of adminTable)
      for (const asker of askers)
        for (const [index, carry] of carriers.entries()) {
          plane.asked.length = 0;
          const told = await ask(row, asker === 'nobody' ? {} : carry(`sk-${asker}`));
          cells += 1;
          const right = rightStatus(row, asker);
          const acted = right === 'in' || plane.asked.length === 0;
          if (seenStatus(told.status) !== right || !acted)
            deviations.push(`${row.route} by ${asker}, carried ${index}: ${told.status} instead of ${right}`);
        }
    expect(deviations).toEqual([]);
    expect(cells).toBe(adminTable.length * askers.length * carriers.length);
  });

  test('two keys of different holders open nothing, whichever of them would', async () => {
    const row = adminTable.find(({ route }) => route === 'GET /admin/v1/status')!;
    for (const [first, second] of [
      ['owner', 'viewer'],
      ['owner', 'stranger'],
      ['stranger', 'owner'],
    ] as const satisfies readonly (readonly [Asker, Asker])[])
      expect(await ask(row, { authorization: `Bearer sk-${first}`, 'x-api-key': `sk-${second}` })).toMatchObject({
        status: 401,
      });
    expect(plane.asked).toEqual([]);
  });
});

describe('a question that takes long', () => {
  test('gets no answer once the key of whoever asked has ended; of others it does [A7]', async () => {
    const waits = Promise.withResolvers<void>();
    plane.answer = () => waits.promise.then(() => success({ secret: 'of operators' }));
    const [ended, other] = ['sk-viewer', 'sk-admin'].map((key) =>
      plane.ask('POST /admin/v1/ledger/verify', { key }).catch(String),
    );
    await vi.waitFor(() => expect(plane.asked).toHaveLength(2));
    plane.ended.add('sk-viewer');
    expect(await ended).toBe('TypeError: fetch failed');
    plane.ended.clear();
    waits.resolve();
    expect(await other).toMatchObject({ status: 200, body: { secret: 'of operators' } });
  });
});

describe('what can be sent', () => {
  test('has a known shape at each route, down to the last object [A3]', () => {
    // The variables of a job are the user's own; their names and values have a shape all the same.
    const isMap = ({ propertyNames, additionalProperties }: Schema): boolean =>
      propertyNames !== undefined && typeof additionalProperties === 'object';
    const open = bodies().filter(
      ([, schema]) => isObject(schema) && schema.additionalProperties !== false && !isMap(schema),
    );
    expect(open.map(([place]) => place)).toEqual([]);
    const withoutBody = adminTable.filter(
      (row) => /^(POST|PUT|DELETE)/.test(row.route) && bodySchemaOf(row) === undefined,
    );
    expect(withoutBody.map(({ route }) => route)).toEqual([]);
  });

  test('names a command, its arguments or its environment at no route but that of jobs [A4] [A24]', () => {
    const telling = /^(command|cmd|args?|argv|arguments|env|environment|exec|executable|shell|script|run|program)$/i;
    const found = bodies().flatMap(([place]) => (telling.test(place.split('/').at(-1) ?? '') ? [place] : []));
    expect(found).toEqual(['POST /admin/v1/jobs /command', 'POST /admin/v1/jobs /environment']);
    const routesOfJobs = adminTable.filter(({ route }) => found.some((place) => place.startsWith(`${route} /`)));
    expect(routesOfJobs.map(({ may }) => may)).toEqual([['owner', 'admin']]);
  });

  test('is refused with a field too many, in the body and in the query [A3]', async () => {
    const accepted: string[] = [];
    for (const row of adminTable.filter(({ route }) => route.includes('/v1/') || route.includes('/sandbox/'))) {
      const { method, path } = requestOf(row);
      // Jobs are read, and refused, by whoever runs them.
      if (/^(POST|PUT|DELETE)/.test(row.route) && row.route !== 'POST /admin/v1/jobs') {
        const body = { ...row.body, role: 'owner' };
        const told = await ask(row, { authorization: 'Bearer sk-owner' }, body);
        if (told.status !== 400) accepted.push(`${row.route}: ${told.status}`);
      }
      const told = await plane.ask(`${method} ${path}?role=owner`, { body: row.body });
      if (told.status !== 400) accepted.push(`${row.route}?role=owner: ${told.status}`);
    }
    expect(accepted).toEqual([]);
    expect(plane.asked).toEqual([]);
  });

  test('is refused with the name of the field that nobody knows', async () => {
    const body = { name: 'laptop', team: 'sales', allowed_routes: ['/*'] };
    const told = await plane.ask('POST /admin/v1/keys', { body });
    expect(told).toMatchObject({ status: 400, errorCode: 'bad_control_request' });
    expect(JSON.stringify(told.body)).toContain('allowed_routes');
  });
});
