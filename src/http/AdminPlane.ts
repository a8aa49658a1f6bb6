import type { IncomingMessage, ServerResponse } from 'node:http';
import { extractCredential } from '../access/index.ts';
import { errorMessage } from '../kernel/index.ts';
import type { Metrics } from '../kernel/index.ts';
import type { AdminPlaneOptions, AdminRoutes } from './AdminRoutes.ts';
import type { Operator } from './ControlPlane.ts';
import type { ControlErrorCode, PlaneErrorCode } from './errors.ts';
import { frontCheck } from './frontCheck.ts';
import { Listener, type BrokenRequest, type ListenerLimits, type WrittenRefusal } from './Listener.ts';
import { openAnswer, openPaths, type OpenPath } from './openAnswer.ts';
import { openToPage } from './openToPage.ts';
import { answerPreflight, isPreflight } from './preflight.ts';
import { controlRow, faultBody } from './sendAnswer.ts';
import type { VisitorRules } from './VisitorCheck.ts';

export interface AdminPlaneLimits extends ListenerLimits {
  /** Longest silence of an operator who has the answer's end still to read. */
  readonly idleMs: number;
}

export interface AdminPlanePorts extends AdminPlaneOptions {
  readonly limits: () => AdminPlaneLimits;
  /** `admin.listen` of the configuration in force. */
  readonly visitors: () => VisitorRules;
  readonly metrics: Metrics;
}

const preflightMethods = ['GET', 'POST', 'PUT', 'DELETE'];
const malformedMessage = 'This is not well-formed HTTP/1.1, or could be read in two ways.';

/**
 * The listener that operators and the command line call. What balancers and scrapers ask for is answered here; all else by routes that are loaded
 * when somebody first asks for them, since they take more memory than most of what a gateway does.
 */
export class AdminPlane {
  readonly #ports: AdminPlanePorts;
  readonly #listener: Listener;
  #routes: Promise<AdminRoutes> | null = null;

  constructor(ports: AdminPlanePorts) {
    this.#ports = ports;
    this.#listener = new Listener({
      section: 'admin.listen',
      visitors: ports.visitors,
      // No network is trusted to keep pages of browsers away from what operators may do.
      keepsNames: true,
      limits: ports.limits,
      graceMs: 0,
      serve: (request, response) => void this.#answer(request, response),
      refusalOf: brokenRefusal,
      metrics: ports.metrics,
    });
  }

  /** @returns the URL that operators use. @throws when the address cannot be had. */
  listen(host: string, port: number): Promise<string> {
    return this.#listener.listen(host, port);
  }

  /** Cuts what is under way. */
  async close(): Promise<void> {
    await this.#listener.close();
    await (await this.#routes?.catch(() => null))?.close();
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      if (!this.#admits(request, response)) return;
      this.#keepNoSlowReader(response);
      const path = openPathOf(request);
      if (path === null) (await this.#loaded()).handle(request, response);
      else await this.#answerOpen(path, request, response);
    } catch (error) {
      this.#ports.log.error('control plane failed', {
        message: errorMessage(error),
      });
      if (response.headersSent) response.destroy();
      else response.writeHead(500, { 'content-type': 'application/json' }).end(internalError);
    }
  }

  /** Before anybody asks whose request it is: one reading, a name of ours, no stranger's page. What is not admitted is answered here. */
  #admits(request: IncomingMessage, response: ServerResponse): boolean {
    const refuse = (code: ControlErrorCode | PlaneErrorCode, message: string): false => {
      this.#listener.refuse(response, written(code, message), true);
      return false;
    };
    const front = frontCheck(request);
    if (front) return refuse('bad_control_request', front.message);
    const visit = this.#listener.visit(request);
    if (visit.kind === 'refused') return refuse(visit.refusal.code, visit.refusal.message);
    if (visit.kind === 'own') return true;
    openToPage(response, visit.origin);
    if (!isPreflight(request)) return true;
    answerPreflight(response, preflightMethods);
    return false;
  }

  /** Mostly the system has taken an answer when it ends; what is still here then waits for its reader, and not for ever. */
  #keepNoSlowReader(response: ServerResponse): void {
    response.once('prefinish', () => {
      if (response.writableLength > 0) response.setTimeout(this.#ports.limits().idleMs, () => response.destroy());
    });
  }

  async #answerOpen(path: OpenPath, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const asker = { operator: this.#operatorOf(request), address: request.socket.remoteAddress };
    const { status, headers, body } = await openAnswer(path, asker, this.#ports.control);
    response.writeHead(status, { ...headers, 'content-length': Buffer.byteLength(body) }).end(body);
  }

  #operatorOf({ headers }: IncomingMessage): Operator | null {
    const credential = extractCredential(headers);
    return credential.ok ? this.#ports.control.operatorOf(credential.value) : null;
  }

  #loaded(): Promise<AdminRoutes> {
    this.#routes ??= import('./AdminRoutes.ts').then(({ AdminRoutes }) => AdminRoutes.open(this.#ports));
    return this.#routes;
  }
}

const internalError = JSON.stringify({ error: { code: 'internal_error', message: 'The log has the cause.' } });

const written = (code: ControlErrorCode | PlaneErrorCode, message: string): WrittenRefusal => ({
  status: controlRow(code).status,
  headers: { 'content-type': 'application/json; charset=utf-8', 'x-archipel-error': code },
  body: Buffer.from(JSON.stringify(faultBody(code, message))),
});

const brokenRefusal = (why: BrokenRequest): WrittenRefusal =>
  why === 'malformed' ? written('bad_control_request', malformedMessage) : written(why, controlRow(why).what);

const openPathOf = ({ method, url = '' }: IncomingMessage): OpenPath | null => {
  if (method !== 'GET' && method !== 'HEAD') return null;
  const path = url.replace(/\?.*$/s, '');
  return openPaths.find((open) => open === path) ?? null;
};
