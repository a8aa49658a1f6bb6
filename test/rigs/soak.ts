import { setTimeout as pause } from 'node:timers/promises';
import { AdminPlane } from './AdminPlane.ts';
import type { Outcome } from './load.ts';
import { loadBoth } from './loadBoth.ts';
import { endPostmaster, postmasterOf } from './postmaster.ts';
import { clientKey, type Rivals } from './rivals.ts';
import type { SoakSample } from './soakFigures.ts';
import type { Server } from './startServer.ts';

export interface SoakOptions {
  readonly server: Server;
  readonly rivals: Rivals;
  readonly minutes: number;
  readonly seed: number;
  /** How many requests are under way at once at most. */
  readonly concurrency: number;
}

export interface Soaked {
  readonly outcomes: readonly Outcome[];
  readonly samples: readonly SoakSample[];
  /** Requests in a second: what the machine can do, and the half of it that was asked for. */
  readonly peakPerSecond: number;
  readonly perSecond: number;
  /** Names of the faults that were set, in order. */
  readonly faults: readonly string[];
}

const peakMs = 15_000;
const sampleMs = 5_000;
const minuteMs = 60_000;
/** How long a fault of the minute lasts. */
const faultMs = 12_000;

/** One thing that goes wrong for a while and is mended again. No client must notice, but those whose streams had begun at a vendor that goes down. */
interface SoakFault {
  readonly name: string;
  readonly happens: (options: SoakOptions) => Promise<void>;
}

const vendorFault = (vendor: string, fault: string, share = 1): SoakFault => ({
  name: `${vendor} ${fault}`,
  happens: async ({ rivals }) => {
    await rivals.setFault(vendor, fault, { share });
    await pause(faultMs);
    await rivals.setFault(vendor, 'none');
  },
});

const stopped = async (pid: number | null, ms: number): Promise<void> => {
  if (pid === null) throw new Error('there is nobody to stop');
  process.kill(pid, 'SIGSTOP');
  await pause(ms);
  process.kill(pid, 'SIGCONT');
};

const soakFaults: readonly SoakFault[] = [
  vendorFault('aurora', 'down'),
  { name: 'database hangs', happens: ({ server }) => stopped(postmasterOf(server.dataDir), faultMs) },
  vendorFault('borealis', 'hang', 0.5),
  vendorFault('cascade', 'rate-limit'),
  { name: 'gateway is stopped', happens: ({ server }) => stopped(server.pid, 2_000) },
  vendorFault('aurora', 'error-in-stream', 0.3),
  { name: 'database is killed', happens: async ({ server }) => void (await endPostmaster(server.dataDir)) },
  vendorFault('borealis', 'overload'),
  {
    name: 'reload',
    happens: async ({ server }) => void (await new AdminPlane(server).ask('POST', '/admin/v1/reload')),
  },
  vendorFault('cascade', 'slow'),
  {
    name: 'clients that leave in the middle',
    happens: async (options) => {
      const leaving = new AbortController();
      const asked = Array.from({ length: 50 }, (_, index) => leave(options, index, leaving.signal));
      await pause(20);
      leaving.abort();
      await Promise.all(asked);
    },
  },
  vendorFault('aurora', 'refuse'),
];

/** Asks for a stream and is gone before it ends. */
const leave = async ({ server }: SoakOptions, index: number, signal: AbortSignal): Promise<void> => {
  try {
    const answer = await fetch(`${server.url}/v1/chat/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${clientKey}`, 'content-type': 'application/json' },
      body: JSON.stringify({
        model: 'cascade-first',
        stream: true,
        messages: [{ role: 'user', content: `gone ${index}` }],
      }),
      signal,
    });
    await answer.body?.cancel();
  } catch {
    // That is what was wanted.
  }
};

const metric = (text: string, name: string): number =>
  text
    .split('\n')
    .filter((line) => line.startsWith(`${name} `) || line.startsWith(`${name}{`))
    .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' ') + 1)), 0);

/** What a server holds now. */
export const sampleOf = async ({ server }: Pick<SoakOptions, 'server'>, sinceMs: number): Promise<SoakSample> => {
  const text = await (await fetch(`${server.adminUrl}/metrics`)).text();
  return {
    minute: (performance.now() - sinceMs) / minuteMs,
    residentBytes: metric(text, 'process_resident_memory_bytes'),
    openFiles: metric(text, 'process_open_fds'),
    timers: metric(text, 'nodejs_active_resources{type="Timeout"}'),
    resources: metric(text, 'nodejs_active_resources'),
  };
};

/** Half of what the machine can do, for so many minutes, with another fault each minute. */
export const soak = async (options: SoakOptions): Promise<Soaked> => {
  const { server, seed, concurrency } = options;
  const peak = await loadBoth(server, { seed, concurrency, name: 'peak', until: AbortSignal.timeout(peakMs) });
  const peakPerSecond = peak.length / (peakMs / 1_000);
  const perSecond = peakPerSecond / 2;
  const startedMs = performance.now();
  const until = new AbortController();
  const samples: SoakSample[] = [];
  const faults: string[] = [];
  const loading = loadBoth(server, { seed, concurrency, name: 'soak', until: until.signal, perSecond });
  const sampling = (async () => {
    while (!until.signal.aborted) {
      samples.push(await sampleOf(options, startedMs).catch(() => sampleOf(options, startedMs)));
      await pause(sampleMs);
    }
  })();
  for (let minute = 0; minute < options.minutes; minute += 1) {
    const fault = soakFaults[minute % soakFaults.length]!;
    faults.push(fault.name);
    await fault.happens(options);
    await pause(Math.max(0, startedMs + (minute + 1) * minuteMs - performance.now()));
  }
  until.abort();
  const [outcomes] = await Promise.all([loading, sampling]);
  return { outcomes: [...peak, ...outcomes], samples, peakPerSecond, perSecond, faults };
};
