// A training job: a small language model that learns the text beside it. It can be stopped at any step and goes on elsewhere from its
// checkpoint as if nothing had happened: the same losses to the last bit. Runs as it is, too:  node train.ts --steps 200
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { beginTraining, takeStep, type Training } from './characterModel.ts';
import { beat, checkpointFolder, rank, resumeFrom, writeWhole } from './heartbeat.ts';
import { checkpointText, modelText, readCheckpoint } from './modelFile.ts';

/** Exit code of a process that SIGTERM ended: 128 and the number of the signal. */
const terminatedCode = 143;

const whole = (name: string, value: string): number => {
  if (!/^\d{1,9}$/.test(value)) throw new Error(`--${name} takes a whole number, not "${value}"`);
  return Number(value);
};

const { values } = parseArgs({
  options: {
    steps: { type: 'string', default: '1000' },
    seed: { type: 'string', default: process.env['SEED'] ?? '1' },
    'checkpoint-every': { type: 'string', default: '50' },
  },
});
const steps = whole('steps', values.steps);
const seed = whole('seed', values.seed);
const checkpointEvery = Math.max(1, whole('checkpoint-every', values['checkpoint-every']));
const folder = checkpointFolder ?? 'checkpoints';
if (folder.includes('://')) throw new Error(`this example writes checkpoints into folders, not to ${folder}`);
const text = readFileSync(join(import.meta.dirname, 'archipelago.txt'), 'utf8');

/** Where to begin: at the checkpoint that Archipel names, which must be of the same run. */
const begin = (): Training => {
  if (resumeFrom === null) return beginTraining(text, seed);
  const training = readCheckpoint(resumeFrom);
  if (training.seed !== seed) throw new Error(`${resumeFrom} was trained with --seed ${training.seed}, not ${seed}`);
  return training;
};

const asked = { checkpoint: false, end: false };
// Both are answered between two steps, so no checkpoint ever holds half of one.
process.on('SIGUSR1', () => (asked.checkpoint = true));
process.on('SIGTERM', () => (asked.end = true));

const training = begin();
// Other ranks compute the same (this example shares nothing among them): one that writes is enough.
const writes = rank === 0;
if (writes) mkdirSync(folder, { recursive: true });
beat({ step: training.step });

/** The name is said after the file is whole: what Archipel knows of can always be read. Old ones stay: another attempt may be reading. */
const writeCheckpoint = (): void => {
  asked.checkpoint = false;
  if (!writes) return;
  const name = `step-${training.step}.json`;
  writeWhole(join(folder, name), checkpointText(training));
  beat({ step: training.step, checkpoint: name });
};

while (training.step < steps && !asked.end) {
  const loss = takeStep(training, text);
  const { step } = training;
  process.stdout.write(`${JSON.stringify({ step, loss })}\n`);
  beat({ step, metrics: { loss } });
  // Lets signals in.
  await setImmediate();
  if (asked.checkpoint || (step % checkpointEvery === 0 && step < steps)) writeCheckpoint();
}

writeCheckpoint();
if (training.step < steps) process.exitCode = terminatedCode;
else if (writes) writeWhole(join(folder, 'model.json'), modelText(training));
