import { formatFault } from '../config/index.ts';
import { failure, success, type Result } from '../kernel/index.ts';
import {
  answerPlan,
  optimise,
  planForecast,
  planJson,
  planScenarios,
  problemOf,
  type OptimiseResult,
  type PlanForecast,
  type PlanLimits,
  type PlanReport,
  type PlanTranslation,
  type Portfolio,
  type PortfolioReading,
} from '../planner/index.ts';
import { machineClock } from './machine.ts';
import { openPortfolio, portfolioFiles } from './openPortfolio.ts';
import type { PlanFaults, PlannedDocument, PlanOutcome, PlanRequest } from './PlanRequest.ts';
import { readVersion } from './readVersion.ts';

/** Share of the CPU-seconds that the search may have, answers getting the rest. */
const searchShare = 0.6;
const gapDefault = 5e-4;
/** Gap at which a search for an answer may stop: it is told beside the plan, not signed. */
const answerGap = 2e-3;
/** What a second of CPU is worth where work is the limit. */
const programsPerCpuSecond = 400;
const nodesPerCpuSecond = 4;

const limitsOf = ({ audit, gap }: Pick<PlanRequest, 'audit' | 'gap'>, cpuSeconds: number): PlanLimits =>
  audit
    ? {
        kind: 'work',
        programs: Math.ceil(cpuSeconds * programsPerCpuSecond),
        nodes: Math.ceil(cpuSeconds * nodesPerCpuSecond),
      }
    : { kind: 'time', cpuSeconds, gap: gap ?? gapDefault };

const cpuSecondsSince = (start: NodeJS.CpuUsage): number => {
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1e6;
};

/** What is left for answers: in an audit a fixed share, else whatever the search did not need. */
const answerBudget = ({ audit, cpuSeconds }: PlanRequest, start: NodeJS.CpuUsage) => {
  if (audit) return { cpuSeconds: cpuSeconds * (1 - searchShare), usedCpuSeconds: null };
  const searchEnd = process.cpuUsage();
  return { cpuSeconds: cpuSeconds - cpuSecondsSince(start), usedCpuSeconds: () => cpuSecondsSince(searchEnd) };
};

const searched = (translation: PlanTranslation, request: PlanRequest, seed: number): Promise<OptimiseResult> =>
  optimise(translation.problem, {
    limits: limitsOf(request, request.cpuSeconds * searchShare),
    seed,
    signal: request.signal,
    ...(request.onState ? { onState: request.onState } : {}),
  });

const forecastOf = async (
  translation: PlanTranslation,
  portfolio: Portfolio,
  { incumbent }: OptimiseResult,
): Promise<PlanForecast | null> =>
  incumbent === null ? null : planForecast(translation, portfolio, incumbent.decision);

const documentOf = (
  report: PlanReport,
  forecast: PlanForecast | null,
  { from }: Pick<PortfolioReading, 'from'>,
): PlannedDocument => {
  const document = planJson(report);
  const inputs = from === null ? {} : { from: { file: from.file, sha256: from.hash } };
  return { ...document, inputs: { ...document.inputs, ...inputs }, forecast };
};

/** Reads a portfolio, draws its futures, looks for the best plan and says what there is to say of it. */
export const makePlan = async (request: PlanRequest): Promise<Result<PlanOutcome, PlanFaults>> => {
  const start = process.cpuUsage();
  const reading = await openPortfolio(request);
  if (!reading.ok) return failure(reading.fault.map(formatFault));
  const { portfolio, hash, warnings } = reading.value;
  const seed = request.seed ?? portfolio.scenarios.seed;
  const drawn = planScenarios(portfolio, seed, portfolioFiles(request).readText);
  if (!drawn.ok) return failure(drawn.fault.map(formatFault));
  const translation = problemOf(portfolio, drawn.value.scenarios);
  const result = await searched(translation, request, seed);
  const { answers, untold } = await answerPlan(translation, result, {
    fresh: drawn.value.fresh,
    seed,
    limitsOf: (cpuSeconds) => limitsOf({ audit: request.audit, gap: answerGap }, cpuSeconds),
    ...answerBudget(request, start),
    signal: request.signal,
    ...(request.onAnswer ? { onProgress: request.onAnswer } : {}),
  });
  const forecast = await forecastOf(translation, portfolio, result);
  const report: PlanReport = {
    file: request.file,
    hash,
    version: readVersion(),
    madeAt: new Date(machineClock.nowMs()).toISOString(),
    seed,
    limits: limitsOf(request, request.cpuSeconds * searchShare),
    cpuSeconds: cpuSecondsSince(start),
    interrupted: request.signal.aborted,
    portfolio,
    translation,
    result,
    answers,
    assumptions: [...drawn.value.assumptions, ...untold],
  };
  return success({
    document: documentOf(report, forecast, reading.value),
    warnings: warnings.map(formatFault),
  });
};
