interface Instruction {
  readonly word: string;
  readonly rest: string;
}

/** Instructions, comments left out, continued lines joined. */
const instructionsOf = (text: string): readonly Instruction[] =>
  text
    .replaceAll(/\\\n/g, ' ')
    .split('\n')
    .filter((line) => line.trim() !== '' && !line.trim().startsWith('#'))
    .map((line) => {
      const [word = '', ...rest] = line.trim().split(/\s+/);
      return { word: word.toUpperCase(), rest: rest.join(' ') };
    });

const known = new Set(
  'FROM RUN CMD LABEL EXPOSE ENV COPY ENTRYPOINT VOLUME USER WORKDIR ARG STOPSIGNAL HEALTHCHECK SHELL'.split(' '),
);

const isJsonList = (text: string): boolean => {
  try {
    const parsed: unknown = JSON.parse(text);
    return Array.isArray(parsed) && parsed.every((item) => typeof item === 'string');
  } catch {
    return false;
  }
};

/** A base with a version and a distribution: what is built tomorrow is what was built today, but for its mended packages. */
const isPinned = (image: string): boolean => /^[\w./-]+:\d+\.\d+[\w.-]*(@sha256:[0-9a-f]{64})?$/.test(image);

/** What is wrong with a Dockerfile, a line each; no engine is asked. */
export const lintDockerfile = (text: string): readonly string[] => {
  const instructions = instructionsOf(text);
  const faults: string[] = [];
  const stages = instructions.filter(({ word }) => word === 'FROM').map(({ rest }) => rest.split(' ')[0] ?? '');
  const last = instructions.slice(instructions.findLastIndex(({ word }) => word === 'FROM'));
  const of = (word: string): readonly string[] => last.filter((one) => one.word === word).map(({ rest }) => rest);
  if (stages.length === 0) faults.push('it has no FROM');
  for (const { word } of instructions) if (!known.has(word)) faults.push(`${word} is no instruction that is used here`);
  for (const image of stages) if (!isPinned(image)) faults.push(`${image} is not pinned to a version`);
  const user = of('USER').at(-1);
  if (user === undefined || /^(root|0)(:|$)/.test(user)) faults.push('it runs as root: set USER');
  if (of('HEALTHCHECK').length === 0) faults.push('it has no HEALTHCHECK');
  for (const word of ['ENTRYPOINT', 'CMD'])
    for (const rest of of(word))
      if (!isJsonList(rest)) faults.push(`${word} goes through a shell: signals would not arrive`);
  for (const { word, rest } of instructions) {
    if (/^(ENV|ARG)$/.test(word) && /(KEY|TOKEN|SECRET|PASSW)/i.test(rest))
      faults.push(`${word} ${rest} bakes a secret in`);
    if (word === 'COPY' && /(^|\s)\.\s/.test(rest)) faults.push('COPY . takes everything that lies about');
    if (
      word === 'RUN' &&
      /\bnpm (ci|install|i)\b/.test(rest) &&
      !(/--ignore-scripts/.test(rest) && /--omit=dev/.test(rest))
    )
      faults.push('npm runs scripts of packages, or installs what only developers need');
    if (word === 'RUN' && /\bcurl\b|\bwget\b/.test(rest)) faults.push('RUN fetches from the network what no lock pins');
  }
  return faults;
};
