import type { InspectedDatabase } from '../../store/index.ts';
import { differencesOf, livesMs, replicaName } from '../differencesOf.ts';
import { findingsOf, type Finding } from './Finding.ts';

const { ok, warn } = findingsOf('replicas');

const minutesText = (ms: number): string =>
  ms < 120_000 ? `${Math.round(ms / 1_000)} s` : `${Math.round(ms / 60_000)} min`;

/** Says which gateways use a database, whether they are alike, and which fell silent without having taken their leave. */
export const judgeFleet = ({ replicas }: Pick<InspectedDatabase, 'replicas'>): readonly Finding[] => {
  const live = replicas.filter(({ silentMs }) => silentMs <= livesMs);
  const [first] = live;
  const differences = first === undefined ? null : differencesOf(live, first);
  const names = live.map(replicaName).join(', ');
  return [
    ok(live.length === 0 ? 'none runs' : `${live.length} running: ${names}`),
    ...(differences === null || first === undefined
      ? []
      : [
          warn(
            `they differ: ${differences}, which ${replicaName(first)} has`,
            'bring the same version and the same file to all of them; while an upgrade or a change goes round this passes by itself',
          ),
        ]),
    ...replicas
      .filter(({ silentMs }) => silentMs > livesMs)
      .map((silent) =>
        warn(
          `silent for ${minutesText(silent.silentMs)} without having taken its leave`,
          'start it again on its data dir; where its machine is gone, attach its disk and run: archipel ledger adopt <its data dir>',
          replicaName(silent),
        ),
      ),
  ];
};
