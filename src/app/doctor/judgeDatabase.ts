import type { FoundPostgres, InspectedDatabase } from '../../store/index.ts';
import { findingsOf, type Finding } from './Finding.ts';

const { ok, warn, fail } = findingsOf('database');

/** Says how a database is that answered. @param where "the embedded database", or its host. */
export const judgeDatabase = (where: string, found: InspectedDatabase): readonly Finding[] => {
  const { version, isReadOnly, migration, known, fault, answerMs } = found;
  const findings = [ok(`${where} answers: PostgreSQL ${version}, ${answerMs.toFixed(0)} ms`)];
  if (isReadOnly)
    findings.push(
      fail(
        `${where} takes no writes`,
        'name the primary in store.url, or wait for the failover to end: records wait in the spool',
      ),
    );
  if (fault !== null) findings.push(fail(fault, 'start the version of the program that migrated it'));
  else if (migration === 0) findings.push(ok(`${where} is empty: the first start makes its tables`));
  else if (migration < known)
    findings.push(
      warn(
        `at migration ${migration} of ${known}`,
        'the next start applies the rest: make a backup before it (archipel backup)',
      ),
    );
  else findings.push(ok(`at migration ${migration}`));
  return findings;
};

/** Says how the embedded database is that does not run. @param serves Whether a server runs that should have it. */
export const judgeStopped = (found: FoundPostgres | null, serves: boolean): readonly Finding[] => {
  if (serves)
    return [
      fail(
        'a server runs, and its embedded database does not',
        'read postgres.log in the data dir; the server starts it again by itself',
      ),
    ];
  if (found === null) return [ok('the embedded database is made at the first start')];
  if (!found.hasPassword)
    return [
      fail(
        'the password of the embedded database is missing (postgres.json)',
        'restore the file, or a backup of the whole',
      ),
    ];
  return [ok(`the embedded database (PostgreSQL ${found.majorVersion}) starts with the server`)];
};

/** That a database does not answer, in the words of whoever tried. */
export const unreachableDatabase = (where: string, words: string): Finding =>
  fail(
    `${where} does not answer: ${words}`,
    'bring it back, or mend store.url; a server goes on meanwhile, and its records wait in the spool',
  );
