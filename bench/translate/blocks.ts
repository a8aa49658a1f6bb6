import { once } from 'node:events';
import { hash } from 'node:crypto';
import { Worker } from 'node:worker_threads';
import { TestGateway, type TestTarget } from '../../src/gateway/openTestGateway.fixture.ts';
import { dataPlanePorts } from '../../src/http/dataPlanePorts.fixture.ts';
import { DataPlane } from '../../src/http/index.ts';
import { examplePrincipal } from '../../test/rigs/examplePrincipal.ts';
import { threadCpuUs } from './cpuClock.ts';
import { largeAnswer, toolHeavyBody, wireNamed } from './inputs.ts';
import type { Asking, PeersMessage } from './peersWorker.ts';

/** One request through the listener and the gateway, and the longest turn of their event loop meanwhile. */
export interface Block {
  readonly name: string;
  readonly way: string;
  /** Which of the two bodies is large, and how large. */
  readonly large: 'request' | 'answer';
  readonly bytes: number;
  /** `pass`: as it came · `inline`: translated on the event loop · `apart`: translated in the thread for it. */
  readonly how: 'pass' | 'inline' | 'apart';
  /** Processor time of the longest turn in each round, shortest first. Milliseconds. */
  readonly turnMs: readonly number[];
}

const key = 'sk-bench';
const everything = 64 * 1024 ** 2;
const warmRounds = 4;

/** Processor time of the longest turn of this thread's event loop while something goes on: others that run on the machine are not in it. */
const longestTurnMs = async (act: () => Promise<void>): Promise<number> => {
  let longestUs = 0;
  let goesOn = true;
  let before = threadCpuUs();
  const look = (): void => {
    longestUs = Math.max(longestUs, threadCpuUs() - before);
    before = threadCpuUs();
    if (goesOn) setImmediate(look);
  };
  setImmediate(look);
  await act();
  await new Promise((resolve) => setImmediate(resolve));
  goesOn = false;
  return longestUs / 1_000;
};

/** The peers' thread, one question at a time. */
class Peers {
  readonly #worker = new Worker(new URL('./peersWorker.ts', import.meta.url));
  url = '';

  static async open(): Promise<Peers> {
    const peers = new Peers();
    const message = await peers.#next();
    if (message.kind === 'listening') peers.url = `http://127.0.0.1:${message.port}`;
    return peers;
  }

  async ask(asking: Asking): Promise<void> {
    this.#worker.postMessage(asking);
    const message = await this.#next();
    if (message.kind !== 'answered' || message.status !== 200) throw new Error(JSON.stringify(message));
  }

  async close(): Promise<void> {
    await this.#worker.terminate();
  }

  async #next(): Promise<PeersMessage> {
    const [message] = (await once(this.#worker, 'message')) as [PeersMessage];
    return message;
  }
}

/** The listener and the gateway as the program has them, in front of one vendor. */
const openGateway = async (vendorUrl: string, vendor: string, inlineBytes: number, scope: AsyncDisposableStack) => {
  const upstream = { url: vendorUrl } as TestTarget['upstream'];
  const gateway = scope.use(
    new TestGateway({
      targets: [{ provider: 'vendor', upstream, wire: vendor, contextTokens: 100_000_000 }],
      limits: { inlineBytes, answerBytes: everything },
    }),
  );
  const keyHash = hash('sha256', key, 'hex');
  gateway.keys.set(keyHash, { ...examplePrincipal, hash: keyHash });
  const limits = { bodyBytes: everything, bodiesBytes: everything, bodyMs: 60_000, headersMs: 60_000, idleMs: 60_000 };
  const plane = new DataPlane(dataPlanePorts(gateway.gateway, gateway.clock, limits));
  const url = await plane.listen('127.0.0.1', 0);
  scope.defer(() => plane.close({ lameDuckMs: 0, drainMs: 0, lastWordsMs: 0 }));
  return url;
};

type Asked = Pick<Block, 'how' | 'large' | 'bytes'> & { readonly client: string; readonly vendor: string };

const translated: readonly (readonly [client: string, vendor: string])[] = [
  ['openai', 'anthropic'],
  ['anthropic', 'openai'],
  ['responses', 'gemini'],
  ['gemini', 'responses'],
];
const sizes = [200_000, 1_000_000, 4_000_000];

const asked: readonly Asked[] = (['request', 'answer'] as const).flatMap((large) => [
  ...['openai', 'anthropic', 'responses', 'gemini'].map((wire): Asked => ({
    how: 'pass',
    client: wire,
    vendor: wire,
    large,
    bytes: 1_000_000,
  })),
  ...translated.flatMap(([client, vendor]) =>
    sizes.flatMap((bytes) =>
      (bytes === 200_000 ? (['inline'] as const) : (['inline', 'apart'] as const)).map((how): Asked => ({
        how,
        client,
        vendor,
        large,
        bytes,
      })),
    ),
  ),
]);

/** Measures each of them in turn, round by round. */
export const measureBlocks = async (rounds: number, inlineBytes: number): Promise<readonly Block[]> => {
  await using scope = new AsyncDisposableStack();
  const peers = await Peers.open();
  scope.defer(() => peers.close());
  const urls = new Map<string, string>();
  const urlOf = async ({ vendor, how }: Asked): Promise<string> => {
    const name = `${vendor} ${how}`;
    const open = how === 'inline' ? everything : inlineBytes;
    const url = urls.get(name) ?? (await openGateway(peers.url, vendor, open, scope));
    urls.set(name, url);
    return url;
  };
  const measured: { block: Block; turns: number[]; ask: () => Promise<void> }[] = [];
  for (const one of asked) {
    const [client, vendor] = [wireNamed(one.client), wireNamed(one.vendor)];
    const model = { model: 'logical' };
    const named = JSON.parse(
      Buffer.from(toolHeavyBody(client, one.large === 'request' ? one.bytes : 1)).toString(),
    ) as object;
    const body = Buffer.from(JSON.stringify(client.name === 'gemini' ? named : { ...named, ...model }));
    const answer = largeAnswer(vendor, one.large === 'answer' ? one.bytes : 1_000);
    const route = client.routes.find(({ operation, stream }) => operation === 'generate' && stream !== true);
    const url = `${await urlOf(one)}${route?.path.replace('{model}', 'logical')}`;
    const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' };
    const bytes = one.large === 'request' ? body.length : answer.length;
    const block = {
      name: `${one.how} ${one.large}`,
      way: `${client.name}>${vendor.name}`,
      large: one.large,
      bytes,
      how: one.how,
    };
    measured.push({ block: { ...block, turnMs: [] }, turns: [], ask: () => peers.ask({ url, headers, body, answer }) });
  }
  for (let round = -warmRounds; round < rounds; round += 1) {
    for (const { ask, turns } of measured) {
      const ms = await longestTurnMs(ask);
      if (round >= 0) turns.push(Math.round(ms * 100) / 100);
    }
  }
  return measured.map(({ block, turns }) => ({ ...block, turnMs: turns.toSorted((one, other) => one - other) }));
};
