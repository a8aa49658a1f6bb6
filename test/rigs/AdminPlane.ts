import type { Server } from './startServer.ts';

const drainAttemptsMax = 60;

/** The control plane of a server, as an operator asks it. */
export class AdminPlane {
  readonly #server: Server;

  constructor(server: Server) {
    this.#server = server;
  }

  /** The answer's body. @throws Error when it is not 200. */
  async ask<Answer = Record<string, unknown>>(method: 'GET' | 'POST', path: string): Promise<Answer> {
    const answer = await fetch(`${this.#server.adminUrl}${path}`, {
      method,
      headers: { authorization: `Bearer ${this.#server.adminKey}` },
    });
    const body = await answer.text();
    if (answer.status !== 200) throw new Error(`${method} ${path}: ${answer.status} ${body.slice(0, 500)}`);
    const told: Answer = JSON.parse(body);
    return told;
  }

  /** What a path answers, whatever its status. */
  async text(path: string): Promise<string> {
    const answer = await fetch(`${this.#server.adminUrl}${path}`, {
      headers: { authorization: `Bearer ${this.#server.adminKey}` },
    });
    return answer.text();
  }

  /** Waits until all that was recorded before is in the database. */
  async drain(): Promise<void> {
    const path = '/admin/v1/usage?groupBy=provider&fresh=true';
    // A database that was just ended takes its time to be back, the more so where others keep the machine busy.
    for (let attempt = 1; attempt < drainAttemptsMax; attempt += 1) {
      if (!(await this.text(path)).includes('"store_unavailable"')) return;
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
    await this.ask('GET', path);
  }

  /** Records that are not in the database yet. */
  async backlog(): Promise<number> {
    const { spoolBacklogRecords } = await this.ask('GET', '/admin/v1/status');
    return Number(spoolBacklogRecords);
  }

  /** What `archipel ledger verify` finds wrong. */
  async ledgerFaults(): Promise<readonly unknown[]> {
    const { faults } = await this.ask('POST', '/admin/v1/ledger/verify');
    if (!Array.isArray(faults)) throw new Error('the report has no list of faults');
    return faults;
  }
}
