/** Who asks the control plane. `limited` is an operator who is limited to the keys of one team; `client` has a valid key of the data plane. */
export const askers = [
  'owner',
  'admin',
  'viewer',
  'limited',
  'demo',
  'client',
  'expired',
  'revoked',
  'orphaned',
  'stranger',
  'nobody',
] as const;

export type Asker = (typeof askers)[number];

/** Operators, who are told that something is not theirs to do; all others are told that they have no admin key. */
export const operators: readonly Asker[] = ['owner', 'admin', 'viewer', 'limited', 'demo'];

export interface AdminRow {
  /** "POST /admin/v1/keys/{name}/rotate", as in the OpenAPI document. */
  readonly route: string;
  readonly may: readonly Asker[];
  /** A body that the route takes; absent: none. */
  readonly body?: object;
}

const everybody = askers;
const readers: readonly Asker[] = ['owner', 'admin', 'viewer'];
const runners: readonly Asker[] = ['owner', 'admin'];
const breakers: readonly Asker[] = ['owner', 'admin', 'demo'];

/** Everything that the control plane can be asked, and by whom. A route that stands nowhere here fails its tests. */
export const adminTable: readonly AdminRow[] = [
  { route: 'GET /healthz', may: everybody },
  { route: 'GET /readyz', may: everybody },
  { route: 'GET /metrics', may: everybody },
  { route: 'GET /admin/v1/openapi.json', may: everybody },
  { route: 'GET /admin/v1/status', may: readers },
  { route: 'GET /admin/v1/usage', may: readers },
  { route: 'GET /admin/v1/dependency', may: readers },
  { route: 'GET /admin/v1/health', may: readers },
  { route: 'GET /admin/v1/contracts', may: readers },
  { route: 'GET /admin/v1/prices', may: readers },
  { route: 'GET /admin/v1/exports/cost-and-usage', may: readers },
  { route: 'GET /admin/v1/exports/contract-commitment', may: readers },
  { route: 'GET /admin/v1/requests/{id}', may: readers },
  { route: 'POST /admin/v1/ledger/verify', may: readers },
  { route: 'POST /admin/v1/ledger/settle', may: ['owner'], body: { invoice: 'none', days: [] } },
  { route: 'GET /admin/v1/ledger/accounts', may: readers },
  { route: 'GET /admin/v1/drills', may: readers },
  { route: 'GET /admin/v1/drills/{id}', may: readers },
  {
    route: 'POST /admin/v1/drills/replay',
    may: runners,
    body: { without: ['nobody'], from: '2026-01-01T00:00:00Z', to: '2026-01-02T00:00:00Z' },
  },
  { route: 'POST /admin/v1/drills/live', may: runners, body: { without: ['nobody'], forSeconds: 1 } },
  { route: 'DELETE /admin/v1/drills/live', may: runners },
  { route: 'POST /admin/v1/reload', may: runners },
  { route: 'GET /admin/v1/keys', may: [...readers, 'limited'] },
  { route: 'POST /admin/v1/keys', may: [...runners, 'limited'], body: { name: 'made', team: 'sales' } },
  { route: 'POST /admin/v1/keys/{name}/rotate', may: [...runners, 'limited'] },
  { route: 'DELETE /admin/v1/keys/{name}', may: [...runners, 'limited'] },
  { route: 'POST /admin/v1/operators/control/rotate', may: ['owner'] },
  { route: 'POST /admin/v1/jobs', may: runners, body: { name: 'no-job' } },
  { route: 'GET /admin/v1/jobs', may: readers },
  { route: 'GET /admin/v1/jobs/{id}', may: readers },
  { route: 'GET /admin/v1/jobs/{id}/logs', may: readers },
  { route: 'POST /admin/v1/jobs/{id}/cancel', may: runners },
  { route: 'GET /admin/v1/jobs/{id}/explain', may: readers },
  { route: 'GET /admin/v1/sites', may: readers },
  { route: 'PUT /admin/v1/offers', may: runners, body: { name: 'list', date: null, csv: '' } },
  { route: 'GET /admin/v1/offers', may: readers },
  { route: 'GET /sandbox/vendors', may: breakers },
  { route: 'GET /sandbox/vendors/{name}', may: breakers },
  { route: 'PUT /sandbox/vendors/{name}', may: breakers, body: { fault: 'none' } },
  { route: 'PUT /sandbox/hosts/{name}', may: breakers, body: { fault: 'none' } },
  { route: 'GET /sandbox/sites', may: breakers },
  { route: 'PUT /sandbox/sites/{name}', may: breakers, body: { fault: 'none' } },
];

/** Ways to carry a key. */
export const carriers: readonly ((key: string) => Readonly<Record<string, string>>)[] = [
  (key) => ({ authorization: `Bearer ${key}` }),
  (key) => ({ authorization: `bearer   ${key}` }),
  (key) => ({ 'x-api-key': key }),
  (key) => ({ 'x-goog-api-key': key }),
  (key) => ({ authorization: `Bearer ${key}`, 'x-api-key': key, 'x-goog-api-key': key }),
];

/** How a deviation is told. */
export const rightStatus = ({ may }: AdminRow, asker: Asker): 'in' | 401 | 403 => {
  if (may.includes(asker)) return 'in';
  return operators.includes(asker) ? 403 : 401;
};

/** Of an answer: whoever is in may still be told that there is nothing of that name, or that it is wrong. */
export const seenStatus = (status: number): 'in' | 401 | 403 => (status === 401 || status === 403 ? status : 'in');

const someId = '01a21aa4-b93d-732e-9a06-f1efdb76e246';

/** Method and path of a row, with an id and a name that nothing has. */
export const requestOf = ({ route }: AdminRow): { readonly method: string; readonly path: string } => {
  const [method = '', path = ''] = route.replace('{id}', someId).replace('{name}', 'nothing-has-this-name').split(' ');
  return { method, path };
};

/** Routes of an OpenAPI document. */
export const routesOf = (document: { readonly paths: Readonly<Record<string, object>> }): readonly string[] =>
  Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
  );
