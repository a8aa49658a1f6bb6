import type { AnswerProgress, PlanState } from '../../planner/index.ts';

const phases: Readonly<Record<PlanState['progress']['phase'], string>> = {
  root: 'relaxation',
  rounding: 'first plan',
  local: 'local search',
  freeing: 'search further off',
  'bound root': 'bound: relaxation',
  'bound tree': 'bound: tree',
  end: 'end',
};

const steps: Readonly<Record<AnswerProgress['step'], string>> = {
  outages: 'outages',
  dependency: 'dependence',
  outOfSample: 'fresh futures',
  comparisons: 'comparisons',
  negotiations: 'negotiation',
  frontiers: 'other policies',
};

const clearLine = '\r\u001b[K';

const gapText = ({ upperBound, lowerBound }: PlanState): string =>
  Number.isFinite(upperBound) && Number.isFinite(lowerBound)
    ? `gap ${Math.max(0, (100 * (upperBound - lowerBound)) / Math.abs(upperBound)).toFixed(2)} %`
    : 'gap unknown';

/** One line on a terminal that tells how far a plan is; it is gone when the answer comes. */
export class PlanProgressLine {
  readonly #write: (text: string) => void;
  #isShown = false;

  constructor(write: (text: string) => void) {
    this.#write = write;
  }

  search(state: PlanState): void {
    // The unit of the problem's money means nothing to a reader: the gap does.
    const plan = Number.isFinite(state.upperBound) ? `plan found, ${gapText(state)}` : 'no plan yet';
    const { phase, nodes } = state.progress;
    const tree = nodes > 0 ? `, ${nodes.toLocaleString('en-US')} nodes` : '';
    this.#show(`${phases[phase]}: ${plan}${tree}`);
  }

  answer({ step, part }: AnswerProgress): void {
    this.#show(`answers: ${steps[step]}${part === '' ? '' : ` ${part}`}`);
  }

  clear(): void {
    if (this.#isShown) this.#write(clearLine);
    this.#isShown = false;
  }

  #show(text: string): void {
    this.#write(`${clearLine}${text}`);
    this.#isShown = true;
  }
}
