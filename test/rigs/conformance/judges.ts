// What is wrong with what a client got: each judge gives its complaints, none where all is as it must be.
import { isDeepStrictEqual } from 'node:util';
import type { Exchanged } from './ConformanceRig.ts';
import type { AnswerScenario, ErrorScenario } from './scenarios.ts';
import { askedBy, type Client, type Heard, type Json, type Told, type Vendor } from './Words.ts';

const complain = (what: string, wanted: unknown, got: unknown): readonly string[] =>
  isDeepStrictEqual(got, wanted) ? [] : [`${what}: ${JSON.stringify(got)} instead of ${JSON.stringify(wanted)}`];

const parsed = (text: string): Json => {
  try {
    return JSON.parse(text);
  } catch {
    return {};
  }
};

/** Whether what reached the vendor asks what the client asked, at the right place. */
const judgeAsked = (
  vendor: Vendor,
  { ask }: AnswerScenario,
  stream: boolean,
  { calls }: Exchanged,
): readonly string[] => {
  const [call, ...others] = calls;
  if (call === undefined || others.length > 0) return [`the vendor was called ${calls.length} times`];
  const asked = askedBy(ask);
  const wanted = vendor.fit?.(asked) ?? asked;
  const got = vendor.hears(parsed(call.body.toString('utf8')));
  return [
    ...complain('path', vendor.path(stream), call.path.split('?')[0]),
    ...Object.entries(wanted).flatMap(([what, one]) =>
      complain(`asked ${what}`, one, Object.entries(got).find(([name]) => name === what)?.[1]),
    ),
  ];
};

const toldOf = (vendor: Vendor, client: Client, { said: { counts } }: AnswerScenario): Told => {
  const told = {
    input: counts.input + counts.cacheRead + counts.cacheWrite,
    cacheRead: counts.cacheRead,
    cacheWrite: counts.cacheWrite,
    output: counts.output + counts.reasoning,
    reasoning: vendor.uncounted.includes('reasoning') ? 0 : counts.reasoning,
  };
  return { ...told, ...Object.fromEntries(client.untold.map((name) => [name, 0])) };
};

/** A refusal in words may end plainly where it stands apart from text. */
const endingsOf = (client: Client, { said }: AnswerScenario, heard: Heard): readonly string[] =>
  said.refusal !== undefined && client.hearsRefusals && heard.refusal !== ''
    ? [...client.endings['content-filter'], ...client.endings.stop]
    : client.endings[said.ending];

const judgeHeard = (client: Client, vendor: Vendor, scenario: AnswerScenario, heard: Heard): readonly string[] => {
  const { thinking = '', text = [], refusal = '', calls = [] } = scenario.said;
  const ids = heard.calls.map(({ id }) => id);
  const arePaired = ids.every((id) => typeof id === 'string' && id !== '') && new Set(ids).size === ids.length;
  return [
    ...complain('whole', true, heard.isWhole),
    ...complain('fault', null, heard.fault),
    ...complain('text', text.join('') + refusal, heard.text + heard.refusal),
    ...complain('thinking', thinking, heard.thinking),
    ...complain(
      'calls',
      calls,
      heard.calls.map(({ name, input }) => ({ name, input })),
    ),
    ...(arePaired ? [] : [`ids of calls: ${JSON.stringify(ids)}`]),
    ...(endingsOf(client, scenario, heard).includes(heard.ending) ? [] : [`ending: ${heard.ending}`]),
    ...complain('told', toldOf(vendor, client, scenario), heard.told),
  ];
};

/** What the ledger has must be what the vendor counted. */
const judgeBooked = ({ said: { counts } }: AnswerScenario, { finals }: Exchanged): readonly string[] => {
  const [final, ...others] = finals;
  if (final === undefined || others.length > 0) return [`the ledger has ${finals.length} attempts`];
  const { input = 0, cacheRead = 0, cacheWrite5m = 0, cacheWrite1h = 0, output = 0, reasoning = 0 } = final.usage;
  const booked = { input, cacheRead, cacheWrite: cacheWrite5m + cacheWrite1h, output: output + reasoning };
  return [
    ...complain('outcome', 'ok', final.outcome.kind),
    ...complain('basis', 'reported', final.basis),
    ...complain(
      'booked',
      {
        input: counts.input,
        cacheRead: counts.cacheRead,
        cacheWrite: counts.cacheWrite,
        output: counts.output + counts.reasoning,
      },
      booked,
    ),
  ];
};

export const judgeAnswer = (
  client: Client,
  vendor: Vendor,
  scenario: AnswerScenario,
  stream: boolean,
  exchanged: Exchanged,
): readonly string[] => {
  if (exchanged.status !== 200) return [`status ${exchanged.status}: ${exchanged.text.slice(0, 300)}`];
  const heard = stream ? client.hearsStream(exchanged.text) : client.hears(parsed(exchanged.text));
  return [
    ...judgeAsked(vendor, scenario, stream, exchanged),
    ...judgeHeard(client, vendor, scenario, heard),
    ...judgeBooked(scenario, exchanged),
  ];
};

/** Statuses of our codes (docs/reference/errors.md). */
const statusOfCode = { rate_limited: 429, all_targets_failed: 502, upstream_credentials: 503 } as const;

/** An error in the client's own shape, instead of an answer. */
export const judgeError = (
  client: Client,
  expected: ErrorScenario['expected'],
  words: string,
  { status, headers, text, finals }: Exchanged,
): readonly string[] => {
  const said = client.hearsError(parsed(text), status);
  const code = headers.get('x-archipel-error');
  const known = 'codes' in expected ? expected.codes.find((one) => one === code) : undefined;
  const wanted = 'codes' in expected ? (known === undefined ? null : statusOfCode[known]) : expected.status;
  return [
    ...complain('status', wanted, status),
    ...(typeof said === 'string' && said !== '' ? [] : [`no error of this wire: ${text.slice(0, 300)}`]),
    ...('codes' in expected ? [] : complain('words', words, said)),
    ...complain(
      'outcomes',
      ['failed'],
      finals.map(({ outcome }) => outcome.kind),
    ),
  ];
};

/** A refusal of ours that names what the target has no word for, before the vendor heard of it and anything was booked. */
export const judgeRefused = (
  client: Client,
  naming: string,
  { status, headers, text, calls, finals }: Exchanged,
): readonly string[] => {
  const said = client.hearsError(parsed(text), status);
  return [
    ...complain('status', 400, status),
    ...complain('code', 'unsupported_feature', headers.get('x-archipel-error')),
    ...(said?.includes(naming) === true ? [] : [`${naming} is not named: ${text.slice(0, 300)}`]),
    ...complain('calls and records', [0, 0], [calls.length, finals.length]),
  ];
};

/** A stream that has begun and is told to have failed, with what came before it and no end that a success has. */
export const judgeBroken = (
  client: Client,
  { said }: AnswerScenario,
  { text, finals }: Exchanged,
): readonly string[] => {
  const heard = client.hearsStream(text);
  return [
    ...complain('whole', false, heard.isWhole),
    ...(heard.fault === null ? [`no failure is told: ${text.slice(-300)}`] : []),
    ...((said.text ?? []).join('').startsWith(heard.text) ? [] : [`text: ${heard.text}`]),
    ...complain(
      'outcomes',
      ['failed'],
      finals.map(({ outcome }) => outcome.kind),
    ),
  ];
};
