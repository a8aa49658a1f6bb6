/** One thing that the doctor looked at. */
export interface Finding {
  /** What was looked at: "runtime", "database" ... */
  readonly check: string;
  /** Which one of several, such as a provider; null where there is but one. */
  readonly subject: string | null;
  readonly level: 'ok' | 'warn' | 'fail';
  /** What was found, in one line. */
  readonly what: string;
  /** How to mend it; null where nothing is to be done. */
  readonly mend: string | null;
}

type Said = Omit<Finding, 'check' | 'level' | 'mend'>;

/** Words for the findings of one check. */
export interface FindingWords {
  readonly ok: (what: string, subject?: string) => Finding;
  readonly warn: (what: string, mend: string, subject?: string) => Finding;
  readonly fail: (what: string, mend: string, subject?: string) => Finding;
}

export const findingsOf = (check: string): FindingWords => {
  const said = (what: string, subject: string | undefined): Said => ({ what, subject: subject ?? null });
  return {
    ok: (what, subject) => ({ check, level: 'ok', ...said(what, subject), mend: null }),
    warn: (what, mend, subject) => ({ check, level: 'warn', ...said(what, subject), mend }),
    fail: (what, mend, subject) => ({ check, level: 'fail', ...said(what, subject), mend }),
  };
};
