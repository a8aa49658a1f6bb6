import { isAbsolute } from 'node:path';
import { Findings, readPlainValue, formatPathFault } from '../../config/index.ts';
import { failure, success, type Result } from '../../kernel/index.ts';
import { jobSchema, type JobSpec } from '../../placement/index.ts';
import { wires } from '../../wire/index.ts';
import { checkName } from '../checkConfiguration.ts';
import type { ArchipelConfiguration } from '../configurationSchema.ts';

type Known = Pick<ArchipelConfiguration, 'teams' | 'models' | 'sites'>;

/** A name that the configuration must have. */
const checkNames = (
  findings: Findings,
  path: readonly (string | number)[],
  written: string,
  noun: string,
  names: readonly string[],
): void => checkName(findings, path, written, { noun, names, define: `define the ${noun} in the configuration` });

/** Disks do not move: all that a job is bound to must lie at one site. */
const checkPlaces = (findings: Findings, spec: JobSpec, sites: readonly string[]): void => {
  const located = [
    ...(spec.checkpoint === null ? [] : [{ path: ['checkpoint', 'uri'], at: spec.checkpoint.at }]),
    ...spec.data.map(({ at }, index) => ({ path: ['data', index, 'uri'], at })),
  ];
  const bound = located.flatMap(({ path, at }) => (at.kind === 'site' ? [{ path, site: at.site }] : []));
  for (const { path, site } of bound) {
    checkNames(findings, path, site, 'site', sites);
    if (site !== bound[0]?.site)
      findings.fault(
        path,
        'a disk of another site than the one before',
        'keep all that lies on disks of sites at one site',
      );
  }
};

/** What the schema cannot see: names that the configuration must have. */
const checkJob = (spec: JobSpec, { teams, models, sites }: Known): Findings => {
  const findings = new Findings();
  if (!isAbsolute(spec.directory))
    findings.fault(
      ['directory'],
      'expected an absolute path',
      'write it from the root; the command line does so for files',
    );
  checkNames(findings, ['team'], spec.team, 'team', [...teams.keys()]);
  for (const [index, site] of (spec.sites ?? []).entries())
    checkNames(findings, ['sites', index], site, 'site', [...sites.keys()]);
  checkPlaces(findings, spec, [...sites.keys()]);
  if (spec.serve !== null) {
    checkNames(findings, ['serve', 'model'], spec.serve.model, 'model', [...models.keys()]);
    checkNames(findings, ['serve', 'wire'], spec.serve.wire, 'wire', [...wires.keys()]);
    if (models.get(spec.serve.model)?.space)
      findings.fault(
        ['serve', 'model'],
        'a model that makes vectors',
        'serve a model that writes: spaces of vectors are not checked for jobs',
      );
  }
  return findings;
};

/** Reads a job as it was sent. @returns it, or every fault in words, a line each. */
export const readJob = (sent: unknown, known: Known): Result<JobSpec, string> => {
  const read = readPlainValue(sent, { schema: jobSchema, check: (spec) => checkJob(spec, known) });
  return read.ok ? success(read.value) : failure(read.fault.map(formatPathFault).join('\n'));
};

/** Reads a job that was accepted before, whatever the configuration has lost since. @throws Error where it is damaged. */
export const rereadJob = (written: unknown): JobSpec => {
  const read = readPlainValue(written, { schema: jobSchema, check: () => new Findings() });
  if (!read.ok)
    throw new Error(`a job that was accepted cannot be read any more: ${read.fault.map(formatPathFault).join('; ')}`);
  return read.value;
};
