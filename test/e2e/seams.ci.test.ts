// Recorded streams of all vendors, cut at their events and within them, and gone on with by another vendor: what clients of each wire have then, by the protocol and by the official SDK.
import { describe, expect, it } from 'vitest';
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

describe.each([
  ['openai', judgeChat, openaiClient],
  ['anthropic', judgeMessages, anthropicClient],
  ['gemini', judgeGenerated, geminiClient],
  ['responses', judgeResponses, responsesClient],
] as const)('a client of %s', (wire, judge, official) => {
  const client = wireOf(wire);

  it('has the words of one vendor and the rest of another, wherever the first breaks off', async () => {
    let spliced = 0;
    let read = 0;
    for (const { name, before, running, isDirect } of cutRecordings(client, { direct: 30, translated: 6 })) {
      if (running === null) continue;
      spliced += 1;
      const rest = rests[spliced % rests.length]!;
      const { sse, relay } = continued(running, rest.vendor, rest.events);
      const whole = before + sse;
      if (relay.seam.refused !== null) {
        // The same recording once more: it begins the answer anew, and nothing of it goes out.
        expect([relay.seam.refused, sse], name).toEqual(['restarted', '']);
        expect(rest.text.startsWith(running.text.trim().slice(0, 24)), name).toBe(true);
        continue;
      }
      expect(textOf(partsIn(client, whole)), name).toBe(running.text + rest.text.slice(relay.seam.trimmed));
      if (!isDirect) expect(judge(withoutSeams(whole)), name).toEqual({ fault: null, whole: true });
      if (spliced % readEach !== 0 || name.includes(unreadable)) continue;
      read += 1;
      const { text, ending } = await official
        .readStream(Buffer.from(whole), [spliced, 7 * spliced])
        .catch((error: unknown) => expect.fail(`${name}: ${String(error)}`));
      expect(text, name).toBe(running.text + rest.text.slice(relay.seam.trimmed));
      expect(ending, name).not.toBeNull();
    }
    process.stderr.write(`${client.name}: ${spliced} streams went on, ${read} of them were read by the SDK\n`);
    expect(spliced).toBeGreaterThan(50);
    expect(read).toBeGreaterThan(5);
  });
});
