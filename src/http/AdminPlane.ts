import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { extractCredential } from '../access/index.ts';
import type { AdminPlaneOptions, AdminRoutes } from './AdminRoutes.ts';
import type { Operator } from './ControlPlane.ts';
import { listenOn } from './listenOn.ts';
import { openAnswer, openPaths, type OpenPath } from './openAnswer.ts';

// Not by import: that loads all of fetch, too.
const { createServer } = process.getBuiltinModule('node:http');

/**
 * The listener that operators and the command line call. What balancers and scrapers ask for is answered here; all else by routes that are loaded
 * when somebody first asks for them, since they take more memory than most of what a gateway does.
 */
export class AdminPlane {
  readonly #options: AdminPlaneOptions;
  readonly #server: Server;
  #routes: Promise<AdminRoutes> | null = null;

  constructor(options: AdminPlaneOptions) {
    this.#options = options;
    this.#server = createServer((request, response) => void this.#answer(request, response));
  }

  /** @returns the URL that operators use. @throws when the address cannot be had. */
  listen(host: string, port: number): Promise<string> {
    return listenOn(this.#server, host, port);
  }

  /** Cuts what is under way. */
  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.#server.closeAllConnections();
    await closed;
    await (await this.#routes?.catch(() => null))?.close();
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      const path = openPathOf(request);
      if (path === null) (await this.#loaded()).handle(request, response);
      else await this.#answerOpen(path, request, response);
    } catch (error) {
      this.#options.log.error('control plane failed', {
        message: error instanceof Error ? error.message : String(error),
      });
      if (response.headersSent) response.destroy();
      else response.writeHead(500, { 'content-type': 'application/json' }).end(internalError);
    }
  }

  async #answerOpen(path: OpenPath, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const asker = { operator: this.#operatorOf(request), address: request.socket.remoteAddress };
    const { status, headers, body } = await openAnswer(path, asker, this.#options.control);
    response.writeHead(status, { ...headers, 'content-length': Buffer.byteLength(body) }).end(body);
  }

  #operatorOf({ headers }: IncomingMessage): Operator | null {
    const credential = extractCredential(headers);
    return credential.ok ? this.#options.control.operatorOf(credential.value) : null;
  }

  #loaded(): Promise<AdminRoutes> {
    this.#routes ??= import('./AdminRoutes.ts').then(({ AdminRoutes }) => AdminRoutes.open(this.#options));
    return this.#routes;
  }
}

const internalError = JSON.stringify({ error: { code: 'internal_error', message: 'The log has the cause.' } });

const openPathOf = ({ method, url = '' }: IncomingMessage): OpenPath | null => {
  if (method !== 'GET' && method !== 'HEAD') return null;
  const path = url.replace(/\?.*$/s, '');
  return openPaths.find((open) => open === path) ?? null;
};
