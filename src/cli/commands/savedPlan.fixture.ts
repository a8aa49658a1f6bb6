import { createHash } from 'node:crypto';

/** What `plan --json` prints, as far as commands that read a plan look at it. @param portfolio Text of the file that was planned. */
export const savedPlan = (portfolio: string) => ({
  upperBound: 100,
  lowerBound: 99,
  gap: 0.01,
  currency: 'USD',
  decisions: [],
  kept: [],
  inputs: {
    file: 'portfolio.yaml',
    sha256: createHash('sha256').update(portfolio).digest('hex'),
    seed: 1,
    version: '0',
    madeAt: '',
  },
  search: { feasible: true, interrupted: false, scenarios: 50 },
  vendors: ['north'],
  classes: ['chat'],
  risk: { cvarWeight: 0.2, beta: 0.9 },
  outOfSample: null,
  dependency: null,
  certificate: [],
});
