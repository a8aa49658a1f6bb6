import Anthropic from '@anthropic-ai/sdk';
import { GoogleGenAI } from '@google/genai';
import OpenAI from 'openai';
import type { RunningVendor } from '../../src/sandbox/index.ts';
import { AdminPlane } from './AdminPlane.ts';
import { configurationOf, hashOf, providerOf, vendorKey, vendorKeyName } from './configurationOf.ts';
import { HeaderKeeper } from './HeaderKeeper.ts';
import { removeServer } from './removeServer.ts';
import { answer, ScriptedUpstream, type ReceivedCall, type Script } from './ScriptedUpstream.ts';
import { startServer, type Server } from './startServer.ts';
import { canaryOf } from './canaries/canaryOf.ts';

/** The key of every client of a market. */
export const marketKey = canaryOf('client key');

/** A vendor that answers as the test says. */
export interface ScriptedSeller {
  readonly wire: 'openai' | 'anthropic' | 'responses' | 'gemini';
  readonly capabilities?: Readonly<Record<string, unknown>>;
  /** US dollars per million tokens of input, and of output: the cheapest seller is asked first. Absent: "1". */
  readonly usdPerMTok?: string;
  /** Whether it holds conversations. */
  readonly holdsConversations?: true;
}

/** A vendor of the sandbox, with one of its models. */
export interface SandboxSeller {
  readonly vendor: RunningVendor;
  readonly model: string;
  readonly capabilities?: Readonly<Record<string, unknown>>;
}

export type Seller = ScriptedSeller | SandboxSeller;

export interface MarketOptions {
  /** Names of models, with who sells each. */
  readonly models: Readonly<Record<string, readonly Seller[]>>;
  readonly limits?: Readonly<Record<string, number>>;
}

/** An answer as it came. */
export interface SentBack {
  readonly status: number;
  readonly text: string;
}

/** What the ledger has of one attempt. */
export interface BookedAttempt {
  readonly provider: string;
  readonly basis: string;
  readonly outcome: object;
  readonly usage: Readonly<Record<string, number>>;
  readonly amountNanoUsd: string;
}

/** How vendors call the models that they sell as they are told. */
export const soldModel = 'vendor-model';

const scriptedName = (model: string, seller: number): string => `${model}-${seller}`;

const priceOf = ({ vendor, model }: SandboxSeller): object =>
  Object.fromEntries(
    Object.entries(vendor.models.find(({ name }) => name === model)!.usdPerMTok).map(([bucket, usd]) => [
      `${bucket}PerMTok`,
      usd,
    ]),
  );

const isSandboxed = (seller: Seller): seller is SandboxSeller => 'vendor' in seller;

const deploymentOf = (model: string, seller: Seller, index: number): object => {
  if (isSandboxed(seller)) {
    const capabilities = { contextTokens: 400_000, maxOutputTokens: 128_000, ...seller.capabilities };
    return { provider: seller.vendor.name, model: seller.model, price: priceOf(seller), capabilities };
  }
  const { capabilities = {}, usdPerMTok: usd = '1' } = seller;
  const price = { inputPerMTok: usd, outputPerMTok: usd };
  return { provider: scriptedName(model, index), model: soldModel, price, capabilities };
};

const providersOf = (url: string, { models }: MarketOptions): Record<string, object> =>
  Object.fromEntries(
    Object.entries(models).flatMap(([model, sellers]) =>
      sellers.map((seller, index) => {
        if (isSandboxed(seller)) {
          const { name, wire, url: origin } = seller.vendor;
          return [name, providerOf(wire, origin, name)];
        }
        const name = scriptedName(model, index);
        const { wire, holdsConversations } = seller;
        const provider = providerOf(wire, `${url}/${name}`, name);
        return [name, holdsConversations === undefined ? provider : { ...provider, holdsConversations }];
      }),
    ),
  );

/** The program with models that are sold by vendors in the test's hands. What one scripted vendor does wrong benches no other. */
export class Market implements AsyncDisposable {
  readonly server: Server;
  /** The official clients, which ask the program once and do not try again. */
  readonly openai: OpenAI;
  readonly anthropic: Anthropic;
  readonly gemini: GoogleGenAI;
  /** Headers of the last answer that one of them or `send` got. */
  readonly headers = new HeaderKeeper();
  readonly #admin: AdminPlane;
  readonly #upstream: ScriptedUpstream;
  readonly #scripts: Map<string, Script>;

  private constructor(server: Server, upstream: ScriptedUpstream, scripts: Map<string, Script>) {
    this.server = server;
    this.#admin = new AdminPlane(server);
    const options = { apiKey: marketKey, maxRetries: 0, fetch: this.headers.fetch };
    this.openai = new OpenAI({ ...options, baseURL: `${server.url}/v1` });
    this.anthropic = new Anthropic({ ...options, baseURL: server.url });
    this.gemini = new GoogleGenAI({
      apiKey: marketKey,
      httpOptions: { baseUrl: server.url, fetch: this.headers.fetch },
    });
    this.#upstream = upstream;
    this.#scripts = scripts;
  }

  static async open(options: MarketOptions): Promise<Market> {
    const scripts = new Map<string, Script>();
    const upstream = await ScriptedUpstream.open((response, call) => {
      const script = scripts.get(call.path.split('/')[1] ?? '') ?? answer(500, { error: { message: 'no script' } });
      return script(response, call);
    });
    const configuration = configurationOf({
      providers: providersOf(upstream.url, options),
      models: Object.fromEntries(
        Object.entries(options.models).map(([model, sellers]) => [
          model,
          { deployments: sellers.map((seller, index) => deploymentOf(model, seller, index)) },
        ]),
      ),
      keys: [{ name: 'customer', hash: hashOf(marketKey), team: 'research' }],
      ...(options.limits === undefined ? {} : { limits: options.limits }),
    });
    const server = await startServer({ configuration, env: { [vendorKeyName]: vendorKey } });
    return new Market(server, upstream, scripts);
  }

  /** Says how a model's scripted seller answers from now on. */
  tell(model: string, script: Script, seller = 0): void {
    this.#scripts.set(scriptedName(model, seller), script);
  }

  /** What reached a model's scripted seller so far. */
  calls(model: string, seller = 0): readonly ReceivedCall[] {
    return this.#upstream.calls.filter(({ path }) => path.startsWith(`/${scriptedName(model, seller)}/`));
  }

  /** The body that reached a model's scripted seller last. */
  lastBody(model: string, seller = 0): Record<string, unknown> {
    return JSON.parse(this.calls(model, seller).at(-1)!.body.toString());
  }

  /** Sends a body as it stands and gives what came back as it stands. */
  async send(path: string, body: object): Promise<SentBack> {
    const got = await this.headers.fetch(`${this.server.url}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${marketKey}` },
      body: JSON.stringify(body),
    });
    return { status: got.status, text: await got.text() };
  }

  /** The attempts of the last request, as the ledger has them. */
  async attempts(): Promise<readonly BookedAttempt[]> {
    const id = this.headers.last('x-archipel-request-id');
    const { attempts } = await this.#admin.ask('GET', `/admin/v1/requests/${id}`);
    return JSON.parse(JSON.stringify(attempts));
  }

  /** Where a model's scripted seller itself answers, for a client that asks it without the program. */
  urlOf(model: string, seller = 0): string {
    return `${this.#upstream.url}/${scriptedName(model, seller)}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await removeServer(this.server);
    await this.#upstream[Symbol.asyncDispose]();
  }
}
