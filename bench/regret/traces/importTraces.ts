// `node bench/regret/traces/importTraces.ts FOLDER`: makes test/fixtures/traces of the public traces as they were published: azure-llm-2023-code.csv and
// azure-llm-2023-conv.csv (Azure/AzurePublicDataset), mooncake-conversation.jsonl and mooncake-synthetic.jsonl (kvcache-ai/Mooncake). Kept are times,
// token counts, and of hashed blocks how many tokens of each prompt the same conversation had sent before.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cacheLifeS } from '../market/market.ts';
import { traceFolder } from './readTrace.ts';
import { traceNames } from './Trace.ts';

const header = 'turn,startMs,inputTokens,outputTokens,reusableTokens';
const blockTokens = 512;
/** As many of a conversation's last requests are compared with. */
const comparedRequests = 6;

interface HashedRequest {
  readonly timestamp: number;
  readonly input_length: number;
  readonly output_length: number;
  readonly hash_ids: readonly number[];
}

/** Each request is a conversation of its own. */
const azureRows = (text: string): string[] => {
  const rows = text
    .trim()
    .split('\n')
    .slice(1)
    .map((line) => line.trim().split(','));
  const startsMs = rows.map(([at = '']) => Date.parse(`${at.trim().replace(' ', 'T').slice(0, 23)}Z`));
  return rows.map(
    ([_at, input, output], index) =>
      `0,${(startsMs[index] ?? NaN) - (startsMs[0] ?? NaN)},${Number(input)},${Math.max(1, Number(output))},0`,
  );
};

const commonBlocks = (one: readonly number[], other: readonly number[]): number => {
  const end = one.findIndex((block, index) => block !== other[index]);
  return end === -1 ? one.length : end;
};

/** Tokens of the longest prefix that a request has in common with one of those shortly before it. */
const reusableTokens = (conversation: readonly HashedRequest[], at: number): number => {
  const request = conversation[at];
  if (request === undefined) return 0;
  const blocks = conversation
    .slice(Math.max(0, at - comparedRequests), at)
    .filter(({ timestamp }) => request.timestamp - timestamp <= cacheLifeS * 1_000)
    .map((earlier) => commonBlocks(request.hash_ids, earlier.hash_ids));
  return Math.min(Math.max(0, ...blocks) * blockTokens, request.input_length);
};

/** Requests are of one conversation that share their first block, or where all begin with the same system prompt the second. */
const mooncakeRows = (text: string, tellingBlock: number): string[] => {
  const requests = text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as HashedRequest);
  const conversations = new Map<string, HashedRequest[]>();
  for (const [index, request] of requests.entries()) {
    const block = request.hash_ids[tellingBlock];
    const key = block === undefined ? `alone ${index}` : String(block);
    conversations.set(key, [...(conversations.get(key) ?? []), request]);
  }
  return [...conversations.values()].flatMap((conversation) =>
    conversation.map(({ timestamp, input_length, output_length }, turn) =>
      [turn, timestamp, input_length, Math.max(1, output_length), reusableTokens(conversation, turn)].join(','),
    ),
  );
};

const [folder = '.'] = process.argv.slice(2);
for (const name of traceNames) {
  const isAzure = name.startsWith('azure');
  const text = readFileSync(join(folder, `${name}.${isAzure ? 'csv' : 'jsonl'}`), 'utf8');
  const rows = isAzure ? azureRows(text) : mooncakeRows(text, name.endsWith('conversation') ? 1 : 0);
  writeFileSync(join(traceFolder, `${name}.csv`), `${[header, ...rows].join('\n')}\n`);
}
