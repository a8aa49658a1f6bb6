import { OutputKeeper } from './OutputKeeper.ts';

const keeper = new OutputKeeper('errors');
const ask = globalThis.fetch;

/** Keeps the body of every refusal that a client in this process is given, beside the client's own reading of it. */
const keepErrors: typeof fetch = async (input, init) => {
  const answer = await ask(input, init);
  if (answer.status >= 400 && answer.body !== null)
    answer
      .clone()
      .text()
      .then((text) => keeper.keep('refusals', `${answer.status} ${answer.url}\n${text}\n`))
      // The client has broken off.
      .catch(() => {});
  return answer;
};

// A run that looks for secrets has every suite begin with this file; any other does not load it. Suites that share a process share this, too.
if (ask.name !== keepErrors.name) globalThis.fetch = keepErrors;
