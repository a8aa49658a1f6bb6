import { writeFileSync } from 'node:fs';
import fc from 'fast-check';
import { editionEnv, editionKey, editionModel, editionText, hashOfText, openEditionVendor } from './editions.ts';
import { mutantOf } from './mutantOf.ts';
import { startServer, type Server } from './startServer.ts';

export interface MutantFigures {
  readonly mutants: number;
  /** Those that were taken into force. */
  readonly taken: number;
  readonly refused: number;
  /** Those that were refused for what they take away, before they were forced. */
  readonly shrinking: number;
  /** What was in force and should not have been, and how the server fell. */
  readonly faults: readonly string[];
}

/** What may come of reading a file anew. */
const expectedStatuses: ReadonlySet<number> = new Set([200, 409, 422]);

class Subject {
  readonly #server: Server;

  constructor(server: Server) {
    this.#server = server;
  }

  /** Has a text read. @returns the status. */
  async read(text: string, force: boolean): Promise<number> {
    // A lone surrogate becomes what UTF-8 has for it: so it is read, too.
    writeFileSync(this.#server.configurationPath!, text);
    return (await this.#admin('POST', '/admin/v1/reload', { force })).status;
  }

  async hash(): Promise<string> {
    const told: { configurationHash: string } = JSON.parse(await (await this.#admin('GET', '/admin/v1/status')).text());
    return told.configurationHash;
  }

  /** What clients meet: who is let in, what is listed, where a request goes and for which price. */
  async behaviour(): Promise<string> {
    const listed = await this.#client('GET', '/v1/models');
    const body = { model: editionModel, messages: [{ role: 'user', content: 'Hello' }] };
    const answered = await this.#client('POST', '/v1/chat/completions', body);
    const models: { data?: readonly { id: string }[] } = JSON.parse(await listed.text());
    await answered.arrayBuffer();
    return JSON.stringify([
      listed.status,
      models.data?.map(({ id }) => id),
      answered.status,
      answered.headers.get('x-archipel-target'),
    ]);
  }

  #client(method: string, path: string, body?: object): Promise<Response> {
    return fetch(`${this.#server.url}${path}`, {
      method,
      headers: { authorization: `Bearer ${editionKey}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  }

  #admin(method: string, path: string, body?: object): Promise<Response> {
    return fetch(`${this.#server.adminUrl}${path}`, {
      method,
      headers: { authorization: `Bearer ${this.#server.adminKey}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  }
}

/**
 * Has a running server read one faulty file after the other. What is in force afterwards must be the last text that was taken, by its hash and by what
 * clients meet; after each mutant that was taken, the good file is, and everything must be as it was.
 */
export const runMutants = async (options: {
  readonly mutants: number;
  readonly seed: number;
  readonly onServer: (server: Server) => void;
}): Promise<MutantFigures> => {
  const { mutants, seed, onServer } = options;
  await using vendor = await openEditionVendor(seed);
  // Without failures: what clients meet depends on the file alone.
  vendor.always((response) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify(plainAnswer));
  });
  const good = editionText(vendor.url, 3);
  const server = await startServer({ configuration: good, env: editionEnv });
  onServer(server);
  const subject = new Subject(server);
  const goodHash = hashOfText(good);
  const goodBehaviour = await subject.behaviour();
  const faults: string[] = [];
  const expectGood = async (after: string): Promise<void> => {
    const [hash, behaviour] = [await subject.hash(), await subject.behaviour()];
    if (hash !== goodHash) faults.push(`${hash} is in force after ${after}`);
    if (behaviour !== goodBehaviour) faults.push(`${behaviour} after ${after}`);
  };
  let [taken, refused, shrinking] = [0, 0, 0];
  for (const [index, text] of fc.sample(mutantOf(good), { numRuns: mutants, seed }).entries()) {
    const where = `mutant ${index}: ${JSON.stringify(text)}`;
    let status = await subject.read(text, false);
    if (status === 409) {
      shrinking += 1;
      await expectGood(where);
      status = await subject.read(text, true);
    }
    if (!expectedStatuses.has(status)) faults.push(`${status} for ${where}`);
    if (status === 200) {
      taken += 1;
      const hash = await subject.hash();
      if (hash !== hashOfText(text)) faults.push(`${hash} is in force after ${where}`);
      await subject.read(good, true);
    } else refused += 1;
    await expectGood(where);
  }
  return { mutants, taken, refused, shrinking, faults };
};

const plainAnswer = {
  id: 'chatcmpl-t',
  object: 'chat.completion',
  created: 1,
  model: 'm',
  choices: [{ index: 0, message: { role: 'assistant', content: 'fine' }, finish_reason: 'stop' }],
  usage: { prompt_tokens: 10, completion_tokens: 3, total_tokens: 13 },
};
