import { join } from 'node:path';
import { startProcess, type OwnProcess } from './startProcess.ts';
import type { UpstreamOrder, UpstreamReport } from './upstream.ts';

/** The fixed vendor, in its process. */
export interface Upstream {
  readonly port: number;
  /** Sets how long its streams wait between two events; 0 sends them in one write. */
  pace(eventGapMs: number): Promise<void>;
  /** The last call that reached it. */
  lastCall(): Promise<{ readonly path: string; readonly body: Buffer }>;
}

/** Starts the vendor. Its messages are its own: what they hold is trusted. */
export const startUpstream = async (scope: AsyncDisposableStack): Promise<Upstream> => {
  const started: OwnProcess = await startProcess(scope, process.execPath, [join(import.meta.dirname, 'upstream.ts')], {
    cwd: import.meta.dirname,
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    graceMs: 1_000,
  });
  const next = (): Promise<UpstreamReport> =>
    Promise.race([
      new Promise<UpstreamReport>((resolve) =>
        started.child.once('message', (report: UpstreamReport) => resolve(report)),
      ),
      started.ended,
    ]);
  const ask = async (order: UpstreamOrder): Promise<UpstreamReport> => {
    const answer = next();
    started.child.send(order);
    return answer;
  };
  const listening = await next();
  if (listening.kind !== 'listening') throw new Error('the vendor does not listen');
  return {
    port: listening.port,
    pace: async (eventGapMs) => {
      await ask({ kind: 'pace', eventGapMs });
    },
    lastCall: async () => {
      const call = await ask({ kind: 'lastCall' });
      if (call.kind !== 'lastCall') throw new Error('the vendor told something else');
      return { path: call.path, body: Buffer.from(call.body, 'latin1') };
    },
  };
};
