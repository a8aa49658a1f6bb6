import type { Server } from './startServer.ts';

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

  /** Waits until all that was recorded before is in the database. */
  async drain(): Promise<void> {
    await this.ask('GET', '/admin/v1/usage?groupBy=provider&fresh=true');
  }

  /** What `archipel ledger verify` finds wrong. */
  async ledgerFaults(): Promise<readonly unknown[]> {
    const { faults } = await this.ask('POST', '/admin/v1/ledger/verify');
    if (!Array.isArray(faults)) throw new Error('the report has no list of faults');
    return faults;
  }
}
