// A control plane on loopback, its routes the real ones and its answers a test's, and commands that are run against it.
import { AdminPlane, type Answer, type ControlPlane } from '../http/index.ts';
import { silentLog, silentMetrics } from '../kernel/index.ts';
import type { Command, ExitCode, OptionValues } from './Command.ts';
import { keepingTerminal } from './keepingTerminal.fixture.ts';

/** What the control plane answers, by its method; whatever else it is asked is a fault of the test. */
export type Script = Partial<Record<keyof ControlPlane, (...given: readonly never[]) => Answer | Promise<Answer>>>;

export interface Ended {
  readonly code: ExitCode;
  readonly stdout: string;
  readonly stderr: string;
}

export class ScriptedControl {
  script: Script = {};
  /** Methods that were asked, in order, each with what it was given. */
  readonly asked: (readonly unknown[])[] = [];
  url = '';
  #plane: AdminPlane | null = null;

  async listen(port = 0): Promise<void> {
    const control = new Proxy({} as ControlPlane, {
      get: (_target, method: string) =>
        method === 'operatorOf'
          ? () => ({ name: 'ops', rights: { has: () => true } })
          : async (...given: readonly never[]) => {
              this.asked.push([method, ...given]);
              const answer = this.script[method as keyof ControlPlane];
              if (answer === undefined) throw new Error(`nobody said what ${method} answers`);
              return answer(...given);
            },
    });
    this.#plane = new AdminPlane({
      control,
      log: silentLog,
      version: '1.2.3',
      limits: () => ({ headerBytes: 16_384, headersMs: 20_000, bodyMs: 20_000, connections: 1_000, idleMs: 20_000 }),
      visitors: () => ({ hosts: [], origins: [] }),
      metrics: silentMetrics,
    });
    this.url = await this.#plane.listen('127.0.0.1', port);
  }

  /** Comes again where it was. */
  async comeAgain(): Promise<void> {
    await this.listen(Number(new URL(this.url).port));
  }

  async leave(): Promise<void> {
    await this.#plane?.close();
  }

  /** Runs a command as it is run with its options read. */
  async run(
    command: Command,
    positionals: readonly string[] = [],
    options: OptionValues = {},
    cwd = '/',
  ): Promise<Ended> {
    const { terminal, written } = keepingTerminal(cwd);
    const all = { url: this.url, 'admin-key': 'sk-ops', ...options };
    const code = await command.run({ options: all, positionals, terminal });
    return { code, stdout: written.stdout, stderr: written.stderr };
  }

  /** What was asked of one method. */
  askedOf(method: keyof ControlPlane): readonly (readonly unknown[])[] {
    return this.asked.filter(([asked]) => asked === method).map(([, ...given]) => given);
  }
}
