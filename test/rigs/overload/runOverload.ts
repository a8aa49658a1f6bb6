import {
  crowd,
  openOverloadStages,
  tenants,
  type OverloadStage,
  type StageReport,
  type Wanted,
} from './overloadStage.ts';

/** How long each part takes. Seconds. */
export interface OverloadTimes {
  readonly peakS: number;
  readonly stepS: number;
  readonly settleS: number;
}

/** What a server made of more than it could do. */
export interface OverloadFigures {
  /** Whole answers a second, at the most that a closed loop gets. */
  readonly peakPerS: number;
  /** Share of a processor that the server had at that peak: what the machine had left. */
  readonly processorShare: number;
  /** Good answers a second under twice the peak, against it. */
  readonly goodput2: number;
  readonly goodput5: number;
  /** Under three times the peak, where it shares the machine with a server without protection under the same load at the same time. */
  readonly besideOther: number;
  /** Good answers of that one, against the peak. */
  readonly unprotected: number;
  /** Requests that it turned away, and such whose answer was of no use any more. */
  readonly unprotectedShed: number;
  readonly unprotectedLate: number;
  /** Good answers for each second of processor time, against those at the peak: what turning others away costs. */
  readonly efficiency2: number;
  readonly efficiency5: number;
  /** The longest that one in a hundred good answers takes, against that at 70 % of the peak. */
  readonly p99Ratio2: number;
  readonly p99RatioAfter: number;
  readonly shedMsP50: number;
  readonly shedMsP99: number;
  readonly shed2: number;
  readonly retryAfterSMin: number;
  readonly retryAfterSMax: number;
  /** Answers of the protected server that were neither good, late nor turned away. */
  readonly failed: number;
  readonly faults: readonly string[];
  /** Share of what they asked for that those were given who asked for no more than before, while one asked for a hundred times as much: all, and the worst. */
  readonly othersServed: number;
  readonly othersServedMin: number;
  /** Share that the one was given. */
  readonly hogServed: number;
  /** The others' p99 against what it is without the one. */
  readonly othersP99Ratio: number;
}

/** Clients of the closed loop that finds the peak: more than are needed to keep the processor busy while the vendor takes its time. */
const peakClients = 400;

const goodPerS = ({ all, seconds }: StageReport): number => all.good / seconds;
const goodPerCpuS = ({ goodInAll, cpuS }: StageReport): number => goodInAll / cpuS;

const othersOf = (report: StageReport) => report.tenants.slice(1);

const servedShare = ({ good, late, asked }: StageReport['all']): number => (good + late) / asked;

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

/**
 * Overloads a server by requests that come whether or not those before were answered, once beside one without protection under the same load at the same time:
 * what else the machine does takes from both alike.
 */
export const runOverload = async (times: OverloadTimes, seed: number): Promise<OverloadFigures> => {
  const { stages, close } = await openOverloadStages([{}, { turnMs: 0 }], seed);
  const [guarded, bare] = stages as readonly [OverloadStage, OverloadStage];
  const { peakS, stepS, settleS } = times;
  const guardedReports: StageReport[] = [];
  const step = async (wanted: Omit<Wanted, 'seconds'>): Promise<StageReport> => {
    const report = await guarded.load({ warmUpS: settleS, ...wanted, seconds: stepS });
    guardedReports.push(report);
    return report;
  };
  const both = (ratePerS: number): Promise<readonly [StageReport, StageReport]> => {
    const wanted = { ratePerS, warmUpS: 2 * settleS };
    return Promise.all([step(wanted), bare.load({ ...wanted, seconds: stepS })]);
  };
  try {
    // Code that has not run yet is slow.
    await Promise.all(stages.map((stage) => stage.load({ concurrency: 50, seconds: 2 })));
    const findPeak = (): Promise<StageReport> => bare.load({ concurrency: peakClients, seconds: peakS, warmUpS: 1 });
    // A machine that is slow for a moment would make a peak of which twice is no overload.
    const peaks = [await findPeak(), await findPeak()].toSorted((one, other) => other.all.good - one.all.good);
    const peak = peaks[0]!;
    // Nobody waits for anybody here: late is late only because there are so many.
    const peakPerS = (peak.all.good + peak.all.late) / peak.seconds;
    const usual = await step({ ratePerS: peakPerS * 0.7 });
    const twice = await step({ ratePerS: peakPerS * 2 });
    const after = await step({ ratePerS: peakPerS * 0.7, warmUpS: 5 });
    const five = await step({ ratePerS: peakPerS * 5 });
    const [beside, unprotected] = await both(peakPerS * 3);
    // Others ask for three tenths of what can be done together, the one for three times what can be done.
    const one = (peakPerS * 0.3) / (tenants - 1);
    const without = await step({ ratePerS: one * tenants });
    const withHog = await step({ ratePerS: peakPerS * 3.3, tenants: crowd((peakPerS * 3) / one) });
    return {
      peakPerS,
      processorShare: peak.cpuS / (peakS + 1),
      goodput2: goodPerS(twice) / peakPerS,
      goodput5: goodPerS(five) / peakPerS,
      besideOther: goodPerS(beside) / peakPerS,
      unprotected: goodPerS(unprotected) / peakPerS,
      unprotectedShed: unprotected.all.shed,
      unprotectedLate: unprotected.all.asked - unprotected.all.good - unprotected.all.shed,
      efficiency2: goodPerCpuS(twice) / goodPerCpuS(peak),
      efficiency5: goodPerCpuS(five) / goodPerCpuS(peak),
      p99Ratio2: twice.all.goodMsP99 / usual.all.goodMsP99,
      p99RatioAfter: after.all.goodMsP99 / usual.all.goodMsP99,
      shedMsP50: twice.all.shedMsP50,
      shedMsP99: twice.all.shedMsP99,
      shed2: twice.all.shed,
      retryAfterSMin: Math.min(twice.all.retryAfterSMin, five.all.retryAfterSMin),
      retryAfterSMax: Math.max(twice.all.retryAfterSMax, five.all.retryAfterSMax),
      failed: guardedReports.reduce((sum, { all }) => sum + all.failed, 0),
      faults: guardedReports.flatMap(({ all }) => all.faults),
      othersServed: mean(othersOf(withHog).map(servedShare)),
      othersServedMin: Math.min(...othersOf(withHog).map(servedShare)),
      hogServed: servedShare(withHog.tenants[0]!),
      othersP99Ratio:
        mean(othersOf(withHog).map(({ goodMsP99 }) => goodMsP99)) /
        mean(othersOf(without).map(({ goodMsP99 }) => goodMsP99)),
    };
  } finally {
    await close();
  }
};
