import { once } from 'node:events';
import { createServer } from 'node:http';
import { expect, test } from 'vitest';
import { LeanTransport } from '../../egress/index.ts';
import { checkServer } from './checkServer.ts';
import type { Finding } from './Finding.ts';

/** What is found of a server that answers so, whichever of its routes is asked. */
const findingsOfServer = async (status: number, body: object, shared: boolean): Promise<readonly Finding[]> => {
  const server = createServer((_request, response) => void response.writeHead(status).end(JSON.stringify(body)));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const adminUrl = `http://127.0.0.1:${address !== null && typeof address === 'object' ? address.port : 0}`;
  const transport = new LeanTransport();
  try {
    const control = { url: null, adminUrl, adminKey: 'k', pid: process.pid };
    const { findings } = await checkServer({ control, holder: null, transport, version: '1', shared });
    return findings.slice(1);
  } finally {
    await transport.close();
    server.close();
  }
};

const jobsElsewhere = { code: 'jobs_elsewhere', message: 'the jobs are not run by this process' };
const away = { code: 'database_away', message: 'records wait for the database' };

test.each<[string, number, readonly object[], boolean, readonly string[]]>([
  ['nothing is wrong', 200, [], false, ['ok it is ready']],
  ['something is', 200, [away], true, ['warn it is ready, but records wait for the database']],
  [
    'another one runs the jobs',
    200,
    [jobsElsewhere],
    true,
    ['ok it is ready', 'ok the jobs are not run by this process: another one on the same database may run them'],
  ],
  ['nobody else can', 200, [jobsElsewhere], false, ['warn it is ready, but the jobs are not run by this process']],
  ['it is not ready', 503, [away], true, ['fail it is not ready: records wait for the database']],
  [
    'it is not, and another one runs the jobs',
    503,
    [jobsElsewhere, away],
    true,
    [
      'ok the jobs are not run by this process: another one on the same database may run them',
      'fail it is not ready: records wait for the database',
    ],
  ],
  ['it does not say why', 503, [], true, ['fail it is not ready: it does not say why']],
  ['it knows us not', 401, [], true, ['fail it answers 401 when it is asked whether it is ready']],
])('of a running server is told how ready it is where %s', async (_where, status, details, shared, told) => {
  const findings = await findingsOfServer(status, { details }, shared);
  expect(findings.map(({ level, what }) => `${level} ${what}`)).toEqual(told);
});
