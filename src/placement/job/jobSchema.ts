import { z } from 'zod';
import {
  choiceField,
  decimalField,
  faultMessage,
  integerField,
  labelField,
  listOf,
  mapOf,
  nameField,
  optional,
  pathField,
  section,
  switchField,
  targetModelField,
  usdField,
} from '../../vocabulary/index.ts';
import { placementLimits } from '../limits.ts';
import type { JobLocation, JobSpec, ServedModel } from './JobSpec.ts';

const wordMessage = faultMessage(
  'expected a word of a command',
  `write text of at most ${placementLimits.wordCharacters} characters, in quotes if it looks like a number`,
);

/** Anything but the character that ends a string in the operating system. */
const wordField = z
  .string(wordMessage)
  .max(placementLimits.wordCharacters, wordMessage)
  .refine((word) => !word.includes('\0'), wordMessage);

const commandField = listOf(wordField, placementLimits.commandWords)
  .min(1, faultMessage('a command without a program', 'write [program, argument, ...]'))
  .refine((words) => words[0] !== '', faultMessage('a program without a name', 'write [program, argument, ...]'));

const variableMessage = faultMessage(
  'expected the name of a variable',
  'use letters, digits and "_", not beginning with a digit nor with ARCHIPEL_, which are ours',
);

const variableField = z.string(variableMessage).regex(/^(?!ARCHIPEL_)[A-Za-z_][A-Za-z0-9_]{0,127}$/, variableMessage);

const amountField = (unit: string, example: string, most: number) => {
  const error = faultMessage(`expected ${unit} from 0 to ${most}`, `write a plain decimal, such as ${example}`);
  return decimalField(`an amount of ${unit}`, `write a plain decimal, such as ${example}`)
    .transform(Number)
    .refine((amount) => amount <= most, error);
};

const hoursField = amountField('hours', '2.5', 100_000).refine(
  (hours) => hours > 0,
  faultMessage('expected more than 0 hours', 'write how long it takes when nothing disturbs it, such as 2.5'),
);

const gigabytesField = amountField('gigabytes', '1.5', 10_000_000);

// Segments that stay where they are: no "..", no empty ones, nothing that a file system reads in its own way.
const innerPath = String.raw`[A-Za-z0-9][A-Za-z0-9._-]{0,127}(?:/[A-Za-z0-9][A-Za-z0-9._-]{0,127}){0,15}`;
// What a job made is shown under this name: nobody writes there.
const published = /(?:^|\/)current(?:\/|$)/;
const storePattern = new RegExp(`^store:(${innerPath})$`);
const sitePattern = new RegExp(`^site:([A-Za-z0-9][A-Za-z0-9._-]{0,63})/(${innerPath})$`);
const remotePattern = /^(?!store:|site:|file:)[a-z][a-z0-9+.-]{0,31}:\/\/[^\s\u0000-\u001f\u007f]{1,2000}$/;

const locationMessage = faultMessage(
  'expected where it lies',
  'write store:name for the folder that all sites reach, site:name/path for the disk of one site, or a URI such as s3://bucket/path',
);

const locationField = z.string(locationMessage).transform((written, context): JobLocation => {
  const store = storePattern.exec(written);
  if (store) return { kind: 'store', path: store[1] ?? '' };
  const site = sitePattern.exec(written);
  if (site) return { kind: 'site', site: site[1] ?? '', path: site[2] ?? '' };
  if (remotePattern.test(written)) return { kind: 'remote', uri: written };
  context.addIssue({ code: 'custom', message: locationMessage });
  return z.NEVER;
});

const instantMessage = faultMessage('expected an instant', 'write it with its offset, such as 2026-12-31T18:00:00Z');

const instantField = z
  .string(instantMessage)
  .regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d{1,3})?)?(?:Z|[+-]\d\d:\d\d)$/, instantMessage)
  .transform((written) => Date.parse(written))
  .refine((ms) => Number.isFinite(ms), instantMessage);

const urlPathMessage = faultMessage('expected the path of a URL', 'write it from its slash, such as /healthz');
const urlPathField = z
  .string(urlPathMessage)
  .regex(/^\/(?!\/)[A-Za-z0-9._~/-]{0,255}$/, urlPathMessage)
  .refine((path) => !path.split('/').includes('..'), urlPathMessage);

const choiceOfAccelerator = section({
  kind: labelField.describe('Kind of accelerator, as sites name it'),
  perRank: integerField(1, 100_000, 'accelerators').describe('How many each rank gets'),
  hours: optional(hoursField).describe('Hours that the whole job needs on it; absent: those of the job'),
});

const checkpointField = section({
  uri: locationField
    .refine(
      (at) => at.kind === 'remote' || !published.test(at.path),
      faultMessage('"current" is where what a job made is shown', 'write checkpoints elsewhere'),
    )
    .describe('Where checkpoints go'),
  gigabytes: gigabytesField.prefault('1').describe('Size of one'),
  everySeconds: integerField(1, 2_592_000, 'seconds').prefault(600).describe('How often one is written'),
});

const dataField = section({
  name: z
    .string(variableMessage)
    .regex(/^[A-Za-z][A-Za-z0-9_]{0,63}$/, variableMessage)
    .describe('The job finds it under ARCHIPEL_DATA_<NAME>'),
  uri: locationField.describe('Where it lies'),
  gigabytes: gigabytesField.prefault('0').describe('How much there is to bring'),
});

const serveField = section({
  model: targetModelField.describe('Logical model that it becomes a deployment of'),
  targetModel: optional(targetModelField).describe(
    "Name of the model at the job's server; absent: that of the logical model",
  ),
  // tidy-allow vendor-name: the name of a wire, which is that of whoever published it
  wire: nameField.prefault('openai').describe("Wire that the job's server speaks"),
  port: optional(integerField(1, 65_535)).describe('Port where it listens; absent: it reports one in its heartbeat'),
  basePath: urlPathField.prefault('/v1').describe("Path before the wire's own"),
  readinessPath: urlPathField.prefault('/healthz').describe('Path that answers 200 once it serves'),
  drainSeconds: integerField(0, 3_600, 'seconds')
    .prefault(30)
    .describe('How long requests may take to end before it is stopped'),
});

const writtenJob = section({
  name: nameField.describe('Name for people, and in the ledger'),
  kind: choiceField(['train', 'batch', 'serve']).describe('What it is for'),
  team: nameField.describe('Team that it is counted for'),
  command: commandField.describe('Program and arguments of each rank, given to no shell'),
  directory: pathField.describe('Folder that the ranks start in; relative to the job file'),
  environment: mapOf(variableField, wordField).prefault({}).describe('Variables that the ranks get'),
  ranks: integerField(1, placementLimits.ranks, 'ranks')
    .prefault(1)
    .describe('Processes that run together: all or none'),
  accelerators: section({
    anyOf: listOf(choiceOfAccelerator, placementLimits.choices).min(
      1,
      faultMessage('no accelerator that would do', 'name at least one: { kind, perRank }'),
    ),
    oneDomain: switchField.prefault(false).describe('Whether all ranks want one fast fabric'),
  }),
  hours: hoursField
    .prefault('1')
    .describe('Hours that it needs when nothing disturbs it; for serve how long it is meant to run'),
  checkpoint: optional(checkpointField).describe('Absent: what is lost begins anew'),
  data: listOf(dataField, placementLimits.data).prefault([]).describe('What it reads'),
  deadline: optional(instantField).describe('When it must have ended'),
  maxCostUsd: optional(usdField).describe('Most that it may cost, all attempts together'),
  interruptible: switchField.prefault(false).describe('Whether it may run on capacity that can be taken away'),
  jurisdictions: optional(listOf(labelField, 100)).describe('Jurisdictions that it may run in; absent: any'),
  sites: optional(listOf(nameField, 1_000)).describe('Sites that it may run on; absent: any'),
  attempts: integerField(1, placementLimits.attempts, 'attempts').prefault(5).describe('Most times that it is placed'),
  graceSeconds: integerField(0, 3_600, 'seconds').prefault(30).describe('Between the request to end and the end'),
  serve: optional(serveField).describe('How it joins the router; for kind: serve'),
});

type Written = z.output<typeof writtenJob>;

const located = <Written extends { readonly uri: JobLocation }>({ uri, ...same }: Written) => ({ ...same, at: uri });

const servedOf = (serve: Written['serve']): ServedModel | null =>
  serve && { ...serve, targetModel: serve.targetModel ?? serve.model };

const specOf = (written: Written): JobSpec => {
  const { accelerators, hours, checkpoint, data, deadline, maxCostUsd, environment, serve, ...same } = written;
  return {
    ...same,
    checkpoint: checkpoint && located(checkpoint),
    data: data.map(located),
    environment: Object.fromEntries(environment),
    accelerators: accelerators.anyOf.map((choice) => ({ ...choice, hours: choice.hours ?? hours })),
    oneDomain: accelerators.oneDomain,
    deadlineMs: deadline,
    maxCostNanoUsd: maxCostUsd,
    serve: servedOf(serve),
  };
};

/** A job file: what a job is, what it needs and what it may cost. */
export const jobSchema = writtenJob
  .superRefine(({ kind, serve }, context) => {
    if ((kind === 'serve') === (serve !== null)) return;
    const message =
      kind === 'serve'
        ? faultMessage('a job that serves, without "serve"', 'add serve: { model: name-of-the-logical-model }')
        : faultMessage('"serve" on a job that does not serve', 'leave it out, or write kind: serve');
    context.addIssue({ code: 'custom', path: kind === 'serve' ? [] : ['serve'], message });
  })
  .transform(specOf);
