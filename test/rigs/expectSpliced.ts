// Recorded streams of all vendors, cut, and gone on with by another vendor: what clients of each wire have then, by the protocol and by the official SDK.
import { expect } from 'vitest';
import { clientWires } from '../../src/wire/index.ts';
import {
  anthropicClient,
  geminiClient,
  openaiClient,
  responsesClient,
} from '../../src/wire/officialClients.fixture.ts';
import { eventsIn, recordedStream } from '../../src/wire/recordings.fixture.ts';
import { continued, cutRecordings, partsIn, textOf, withoutSeams } from '../../src/wire/seam/spliced.fixture.ts';
import { judgeChat, judgeGenerated, judgeMessages, judgeResponses } from '../../src/wire/streamGrammar.fixture.ts';

const wireOf = (name: string) => {
  const wire = clientWires.get(name);
  if (wire === undefined) throw new Error(name);
  return wire;
};

/** Every so many streams are read by the SDK, too. */
const readEach = 8;
/** A relay that gives a response another id with each event: the SDK refuses that by itself. */
const unreadable = 'github-copilot-id-rotation';

const rests = (
  [
    ['recordings/anthropic/text-stream.response.sse', 'anthropic'],
    ['recordings/openai/text-stream.1.response.sse', 'openai'],
    ['recordings/google/text-stream.response.sse', 'gemini'],
  ] as const
).map(([path, name]) => {
  const bytes = recordedStream(path);
  const vendor = wireOf(name);
  return { vendor, events: eventsIn(bytes), text: textOf(partsIn(vendor, bytes.toString('utf8'))) };
});

const clients = {
  openai: [judgeChat, openaiClient],
  anthropic: [judgeMessages, anthropicClient],
  gemini: [judgeGenerated, geminiClient],
  responses: [judgeResponses, responsesClient],
} as const;

export type SplicedClient = keyof typeof clients;

export const splicedClients = Object.keys(clients) as readonly SplicedClient[];

/** Cuts of each stream at the most: of one in the client's own wire, and of one that is translated. */
export interface CutsMost {
  readonly direct: number;
  readonly translated: number;
}

/**
 * Cuts all recorded streams, goes on with each by another vendor, and expects the words of the first and the rest of the other.
 * @returns how many went on, and how many of them the SDK has read.
 */
export const expectSpliced = async (
  name: SplicedClient,
  most: CutsMost,
): Promise<{ readonly spliced: number; readonly read: number }> => {
  const client = wireOf(name);
  const [judge, official] = clients[name];
  let spliced = 0;
  let read = 0;
  for (const { name: cut, before, running, isDirect } of cutRecordings(client, most)) {
    if (running === null) continue;
    spliced += 1;
    const rest = rests[spliced % rests.length]!;
    const { sse, relay } = continued(running, rest.vendor, rest.events);
    const whole = before + sse;
    if (relay.seam.refused !== null) {
      // The same recording once more: it begins the answer anew, and nothing of it goes out.
      expect([relay.seam.refused, sse], cut).toEqual(['restarted', '']);
      expect(rest.text.startsWith(running.text.trim().slice(0, 24)), cut).toBe(true);
      continue;
    }
    const words = running.text + rest.text.slice(relay.seam.trimmed);
    expect(textOf(partsIn(client, whole)), cut).toBe(words);
    if (!isDirect) expect(judge(withoutSeams(whole)), cut).toEqual({ fault: null, whole: true });
    if (spliced % readEach !== 0 || cut.includes(unreadable)) continue;
    read += 1;
    const { text, ending } = await official
      .readStream(Buffer.from(whole), [spliced, 7 * spliced])
      .catch((error: unknown) => expect.fail(`${cut}: ${String(error)}`));
    expect(text, cut).toBe(words);
    expect(ending, cut).not.toBeNull();
  }
  process.stderr.write(`${client.name}: ${spliced} streams went on, ${read} of them were read by the SDK\n`);
  return { spliced, read };
};
