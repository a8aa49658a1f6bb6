import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { removeFolder, temporaryFolder } from './startServer.ts';
import { vendorPorts } from './vendorPorts.ts';

const binaries = { nginx: '/usr/sbin/nginx', haproxy: '/usr/sbin/haproxy' } as const;

/** Names of the proxies that this machine lacks; empty where all are there. */
export const proxiesMissing = (): readonly string[] =>
  Object.entries(binaries).flatMap(([name, path]) => (existsSync(path) ? [] : [name]));

/** Proxies as people put them in front of us, with connections to us that all their clients share. */
export interface FrontProxies extends AsyncDisposable {
  /** Their URLs, by the proxy, in the order of the backends. */
  readonly nginx: readonly string[];
  readonly haproxy: readonly string[];
  readonly versions: Readonly<Record<string, string>>;
}

/** A body is passed on as it comes, and the Host as it was sent: whatever they do not look at themselves reaches us. */
const nginxText = (folder: string, backends: readonly URL[], ports: readonly number[]): string => `
daemon off; master_process off; pid ${folder}/nginx.pid; error_log ${folder}/nginx.log;
events { worker_connections 256; }
http {
  access_log off; client_body_temp_path ${folder}/body; proxy_temp_path ${folder}/proxy; fastcgi_temp_path ${folder}/fastcgi;
  uwsgi_temp_path ${folder}/uwsgi; scgi_temp_path ${folder}/scgi;
  client_header_timeout 1s; client_body_timeout 1s; keepalive_timeout 5s; lingering_time 1s; lingering_timeout 1s; client_max_body_size 1m;
${backends
  .map(
    ({ host }, at) => `
  upstream backend${at} { server ${host}; keepalive 2; }
  server { listen 127.0.0.1:${ports[at]}; location / {
    proxy_pass http://backend${at}; proxy_http_version 1.1; proxy_set_header Connection ""; proxy_set_header Host $http_host;
    proxy_request_buffering off; proxy_next_upstream off; proxy_ignore_client_abort on; proxy_read_timeout 3s; } }`,
  )
  .join('')}
}
`;

const haproxyText = (backends: readonly URL[], ports: readonly number[]): string => `
global
  maxconn 256
defaults
  mode http
  timeout client 2s
  timeout server 3s
  timeout connect 1s
  timeout http-request 1s
  timeout http-keep-alive 5s
  http-reuse always
  retries 0
${backends
  .map(
    ({ host }, at) => `
frontend front${at}
  bind 127.0.0.1:${ports[at]}
  default_backend backend${at}
backend backend${at}
  server one ${host}
`,
  )
  .join('')}`;

const answers = async (port: number, process: ChildProcess): Promise<void> => {
  for (;;) {
    if (process.exitCode !== null) throw new Error('a proxy ended as it began');
    const socket = connect(port, '127.0.0.1');
    const isThere = await once(socket, 'connect').then(
      () => true,
      () => false,
    );
    socket.destroy();
    if (isThere) return;
    await pause(20);
  }
};

/** Starts both in front of these backends. */
export const startFrontProxies = async (backendUrls: readonly string[]): Promise<FrontProxies> => {
  const folder = temporaryFolder();
  const backends = backendUrls.map((url) => new URL(url));
  const names = backendUrls.flatMap((_, at) => [`nginx${at}`, `haproxy${at}`]);
  const free = await vendorPorts(names);
  const portsOf = (name: string): readonly number[] => backendUrls.map((_, at) => free[`${name}${at}`] ?? 0);
  for (const name of ['body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']) mkdirSync(join(folder, name));
  writeFileSync(join(folder, 'nginx.conf'), nginxText(folder, backends, portsOf('nginx')));
  writeFileSync(join(folder, 'haproxy.cfg'), haproxyText(backends, portsOf('haproxy')));
  const processes = [
    spawn(binaries.nginx, ['-c', join(folder, 'nginx.conf'), '-p', folder, '-e', join(folder, 'nginx.log')], {
      stdio: 'ignore',
    }),
    spawn(binaries.haproxy, ['-f', join(folder, 'haproxy.cfg'), '-db', '-q'], { stdio: 'ignore' }),
  ];
  const close = async (): Promise<void> => {
    for (const process of processes) {
      if (process.exitCode !== null) continue;
      const ended = once(process, 'exit');
      process.kill('SIGKILL');
      await ended;
    }
    removeFolder(folder);
  };
  const urlsOf = (name: string): readonly string[] => portsOf(name).map((port) => `http://127.0.0.1:${port}`);
  try {
    for (const [at, process] of processes.entries())
      for (const port of portsOf(at === 0 ? 'nginx' : 'haproxy')) await answers(port, process);
  } catch (error) {
    await close();
    throw error;
  }
  const versions = {
    nginx: execFileSync('sh', ['-c', `${binaries.nginx} -v 2>&1`], { encoding: 'utf8' }).trim(),
    haproxy: execFileSync(binaries.haproxy, ['-v'], { encoding: 'utf8' }).split('\n')[0] ?? '',
  };
  return { nginx: urlsOf('nginx'), haproxy: urlsOf('haproxy'), versions, [Symbol.asyncDispose]: close };
};
