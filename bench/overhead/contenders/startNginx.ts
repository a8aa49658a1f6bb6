import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Contender } from '../Contender.ts';
import { descendantsOf } from '../processFigures.ts';
import { freePort, startProcess, untilListening } from '../startProcess.ts';
import { vendorModel } from './startArchipel.ts';

const command = 'nginx';
const packages = 'apt-get';
/** Debian's PATH for users leaves the folder of its servers out. */
const env = { PATH: `${process.env['PATH'] ?? ''}:/usr/sbin:/usr/local/sbin` };

const versionOf = (): string | null => {
  const told = spawnSync(command, ['-v'], { env: { ...process.env, ...env }, encoding: 'utf8' });
  return /nginx\/([\d.]+)/.exec(told.stderr ?? '')?.[1] ?? null;
};

/** Installs it where it is missing and the system's packages can be had. RUNLEVEL=1 keeps Debian from starting it as a service. */
const install = (): void => {
  process.stderr.write('nginx is missing: apt-get install nginx-light\n');
  const stdio: ('ignore' | 'inherit')[] = ['ignore', 'ignore', 'inherit'];
  const options = { stdio, env: { ...process.env, RUNLEVEL: '1' } };
  execFileSync(packages, ['update', '-qq'], options);
  execFileSync(packages, ['install', '-y', '-qq', '--no-install-recommends', 'nginx-light'], options);
};

/** A pure proxy: keep-alive to the vendor, each event passed on as it comes, no logs. */
const configurationFor = (folder: string, port: number, upstreamPort: number): string => `
daemon off;
worker_processes 1;
pid ${folder}/nginx.pid;
error_log ${folder}/error.log error;
events { worker_connections 4096; }
http {
  access_log off;
  client_body_temp_path ${folder}/body;
  proxy_temp_path ${folder}/proxy;
  fastcgi_temp_path ${folder}/fastcgi;
  uwsgi_temp_path ${folder}/uwsgi;
  scgi_temp_path ${folder}/scgi;
  tcp_nodelay on;
  keepalive_timeout 600s;
  keepalive_requests 100000000;
  upstream vendor { server 127.0.0.1:${upstreamPort}; keepalive 1024; keepalive_requests 100000000; }
  server {
    listen 127.0.0.1:${port} backlog=4096;
    client_max_body_size 32m;
    location / {
      proxy_pass http://vendor;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_buffering off;
    }
  }
}
`;

/** Starts nginx with a configuration, files and a pid of its own. */
export const startNginx = async (
  scope: AsyncDisposableStack,
  parent: string,
  upstreamPort: number,
): Promise<Contender> => {
  if (versionOf() === null) install();
  const folder = join(parent, 'nginx');
  mkdirSync(folder);
  const port = await freePort();
  const configuration = join(folder, 'nginx.conf');
  writeFileSync(configuration, configurationFor(folder, port, upstreamPort));
  const started = await startProcess(
    scope,
    command,
    ['-p', folder, '-c', configuration, '-e', join(folder, 'error.log')],
    {
      cwd: folder,
      env,
      stdio: ['ignore', 'ignore', 'inherit'],
      graceMs: 5_000,
    },
  );
  await untilListening(port, started);
  // The master listens before it has forked its worker, which is what serves.
  while (descendantsOf(started.pid).length === 0) await Promise.race([pause(20), started.ended]);
  return {
    name: 'nginx',
    version: versionOf() ?? 'unknown',
    port,
    fidelity: 'bytes',
    pids: descendantsOf(started.pid),
    databaseParent: null,
    address: ({ client, vendor }) =>
      client === vendor
        ? { model: vendorModel, headers: { authorization: 'Bearer sk-vendors-own' } }
        : 'translates nothing',
  };
};
