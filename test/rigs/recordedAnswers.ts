import { existsSync, readdirSync, readFileSync } from 'node:fs';

const folder = new URL('../fixtures/recordings/', import.meta.url);

/** An answer with status 200 as a vendor sent it. */
export interface RecordedAnswer {
  /** Its path among the recordings: "deepseek/reasoning.json". */
  readonly name: string;
  readonly wire: 'openai' | 'anthropic';
  readonly kind: 'whole' | 'stream' | 'embeddings';
  readonly bytes: Buffer;
}

/** Vendors of wires whose recordings are read by tests of their own, not by these. */
const foreign: ReadonlySet<string> = new Set(['bedrock', 'google', 'responses']);

const bytesOf = (name: string): Buffer => readFileSync(new URL(name, folder));

/** Payloads without a frame get the one that their vendor uses. */
const framed = (line: string): string => {
  const { type } = JSON.parse(line);
  return typeof type === 'string' ? `event: ${type}\ndata: ${line}\n\n` : `data: ${line}\n\n`;
};

const streamBytes = (name: string): Buffer => {
  if (name.endsWith('.sse')) return bytesOf(name);
  const lines = bytesOf(name)
    .toString('utf8')
    .split('\n')
    .filter((line) => line.trim() !== '');
  return Buffer.from(lines.map(framed).join(''));
};

/** The body of a recording that is no stream; null where its status was another than 200. */
const wholeBody = (name: string): Record<string, unknown> | null => {
  const recording = JSON.parse(bytesOf(name).toString('utf8'));
  if (!('source' in recording)) return 'error' in recording || recording.type === 'error' ? null : recording;
  return recording.response.status === 200 ? recording.response.body : null;
};

const wholeAnswer = (name: string, wire: RecordedAnswer['wire']): RecordedAnswer[] => {
  const body = existsSync(new URL(name.replace(/json$/, 'response.sse'), folder)) ? null : wholeBody(name);
  if (body === null) return [];
  const kind = body['object'] === 'list' ? 'embeddings' : 'whole';
  return [{ name, wire, kind, bytes: Buffer.from(JSON.stringify(body)) }];
};

const answerIn = (name: string): RecordedAnswer[] => {
  const wire = name.startsWith('anthropic/') ? 'anthropic' : 'openai';
  if (/\.(sse|chunks\.txt)$/.test(name)) return [{ name, wire, kind: 'stream', bytes: streamBytes(name) }];
  return name.endsWith('.json') ? wholeAnswer(name, wire) : [];
};

/** Every recorded answer of these wires, streams as the bytes of their events. */
export const recordedAnswers: readonly RecordedAnswer[] = readdirSync(folder, { withFileTypes: true })
  .filter((vendor) => vendor.isDirectory() && !foreign.has(vendor.name))
  .flatMap(({ name: vendor }) => readdirSync(new URL(`${vendor}/`, folder)).map((file) => `${vendor}/${file}`))
  .toSorted()
  .flatMap(answerIn);
