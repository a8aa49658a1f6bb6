import { createHash } from 'node:crypto';
import { TestGateway } from '../../../src/gateway/openTestGateway.fixture.ts';
import { dataPlanePorts } from '../../../src/http/dataPlanePorts.fixture.ts';
import { DataPlane } from '../../../src/http/index.ts';
import { examplePrincipal } from '../examplePrincipal.ts';
import { ScriptedUpstream, type ReceivedCall, type Script } from '../ScriptedUpstream.ts';
import type { Ask, Client, ClientRequest, Vendor } from './Words.ts';

const key = 'ak-conformance';
const hash = createHash('sha256').update(key).digest('hex');
const model = 'logical';

/** What a client got, what the vendor was sent, and what the ledger has of it. */
export interface Exchanged {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly calls: readonly ReceivedCall[];
  readonly finals: TestGateway['journal']['finals'];
}

/**
 * The data plane and one vendor on loopback. Behind it each request gets a gateway of its own, which has learnt nothing and benched nobody: only the sockets
 * are shared.
 */
export class ConformanceRig implements AsyncDisposable {
  readonly #upstream: ScriptedUpstream;
  readonly #plane: DataPlane;
  #url = '';
  #served: TestGateway | null = null;

  private constructor(upstream: ScriptedUpstream) {
    this.#upstream = upstream;
    const current = (): TestGateway['gateway'] => this.#served!.gateway;
    this.#plane = new DataPlane(
      dataPlanePorts(
        {
          authenticate: (headers) => current().authenticate(headers),
          serve: (exchange) => current().serve(exchange),
          shutDown: () => 0,
        },
        { nowMs: () => Date.now(), monotonicMs: () => performance.now() },
      ),
    );
  }

  static async open(): Promise<ConformanceRig> {
    const rig = new ConformanceRig(await ScriptedUpstream.open());
    rig.#url = await rig.#plane.listen('127.0.0.1', 0);
    return rig;
  }

  /** Asks as this client does, where only this vendor serves, once, and answers so. */
  async exchange(client: Client, vendor: Vendor, ask: Ask, stream: boolean, script: Script): Promise<Exchanged> {
    return this.#send(client.says(ask, stream, model, key), vendor, script, []);
  }

  /**
   * Sends this body, which is not streamed, as it stands but for the model.
   * @param unsupported Parameters that the vendor's model is known to refuse.
   */
  async send(
    client: Client,
    vendor: Vendor,
    body: object,
    script: Script,
    unsupported: readonly string[],
  ): Promise<Exchanged> {
    const asked = client.says({ turns: [], boundTokens: 100 }, false, model, key);
    const named = 'model' in asked.body ? { ...body, model } : body;
    return this.#send({ ...asked, body: named }, vendor, script, unsupported);
  }

  async #send(
    { path, headers, body }: ClientRequest,
    vendor: Vendor,
    script: Script,
    unsupported: readonly string[],
  ): Promise<Exchanged> {
    this.#upstream.forget();
    this.#upstream.always(script);
    const target = {
      provider: 'vendor',
      upstream: this.#upstream,
      wire: vendor.name,
      model: vendor.model,
      query: vendor.query,
      reasoning: true,
      unsupported,
    };
    await using gateway = new TestGateway({ targets: [target], limits: { attempts: 1 } });
    gateway.keys.set(hash, { ...examplePrincipal, hash });
    this.#served = gateway;
    const got = await fetch(`${this.#url}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    });
    const text = await got.text();
    return {
      status: got.status,
      headers: got.headers,
      text,
      calls: [...this.#upstream.calls],
      finals: gateway.journal.finals,
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#plane.close({ lameDuckMs: 0, drainMs: 0, lastWordsMs: 0 });
    await this.#upstream[Symbol.asyncDispose]();
  }
}
