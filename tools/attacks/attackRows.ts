/** An attack seen in this field, or a goal of ours, which tests show by its id at the end of their titles. */
export interface AttackRow {
  /** "A8" for an attack, "G15" for a goal. */
  readonly id: string;
  /** What happened to others, with its public ids; for a goal, what it is about. */
  readonly happened: string;
  /** What a correct system does. */
  readonly correct: string;
  /** Why no test shows it yet, and what will bring it. Absent: it applies, and needs a test. */
  readonly open?: string;
}

/** From public advisories, 2023 to 2026. */
export const attackRows: readonly AttackRow[] = [
  {
    id: 'A1',
    happened: 'A key was glued into SQL before anybody was known (LiteLLM CVE-2026-42208), and used within two days.',
    correct: 'No query on the way of a key: a hash and a map in memory. SQL takes parameters only.',
  },
  {
    id: 'A2',
    happened:
      '`?` or `#` in Host changed the path that the check of rights saw, not the one that was served (LiteLLM CVE-2026-49468, Starlette CVE-2026-48710).',
    correct: 'One parse for route and policy; the control plane knows the hosts it answers to.',
  },
  {
    id: 'A3',
    happened:
      'A user made a key with more rights than his own (LiteLLM CVE-2026-47101, CVE-2026-47102); a limit was forgotten when the key came in another header (Open WebUI CVE-2026-45339).',
    correct: 'A key never holds more than its maker, at issue and at use; one extractor for all carriers of a key.',
  },
  {
    id: 'A4',
    happened:
      'A route that tries a server ran the command of its body (LiteLLM CVE-2026-42271); configuration became code (Flowise CVE-2025-59528, Langflow CVE-2025-3248).',
    correct: 'No command comes from the network but those of jobs, from who may submit them; rights are asked first.',
  },
  {
    id: 'A5',
    happened: 'A guardrail ran code of users in the process, and they left its sandbox (LiteLLM CVE-2026-40217).',
    correct: 'No code of users in our process: no eval, no Function, no vm.',
  },
  {
    id: 'A6',
    happened:
      'Things of others could be read by their ids (Open WebUI CVE-2026-45349, CVE-2026-45671, CVE-2026-54015).',
    correct: 'The organisation is part of every key and query; what is of others is not found.',
  },
  {
    id: 'A7',
    happened: 'Who was thrown out kept an open connection (Open WebUI CVE-2026-44553).',
    correct: 'A revoked key ends its open streams within 2 s.',
  },
  {
    id: 'A8',
    happened: 'Request smuggling: two parties read one request in two ways (a class of attacks).',
    correct: 'What can be read in two ways is refused, and the connection closed.',
  },
  {
    id: 'A9',
    happened: 'An upstream wrote a second answer on an idle connection, for the next client to get (CVE-2026-48931).',
    correct: 'Bytes on an idle connection end it; connections are not shared across credentials.',
  },
  {
    id: 'A10',
    happened:
      'A header called `__proto__` and keys with one hash stopped Node (CVE-2026-21710, CVE-2026-21717, CVE-2026-21637).',
    correct: 'A patched, pinned Node; maps without prototype; limits on the number of headers and keys.',
  },
  {
    id: 'A11',
    happened:
      'JSON read in two ways: of two equal keys the last wins, `__proto__` becomes a key, large numbers are rounded, depth overflows (a class of attacks).',
    correct: 'The body is scanned before anything is decided: what policy saw is what is forwarded, or it is refused.',
  },
  {
    id: 'A12',
    happened: 'A header of the caller named the host to call (Portkey CVE-2025-66405, and by another route again).',
    correct: 'Targets come from the file only; a caller never names a host.',
  },
  {
    id: 'A13',
    happened:
      'A URL of an image, a redirect or a webhook reached inner hosts (one-api, vLLM CVE-2026-24779, new-api GHSA-9f46).',
    correct:
      'Nothing is fetched for clients; what we call is parsed once, resolved once, checked as an address and called there, without following redirects.',
  },
  {
    id: 'A14',
    happened:
      'A name that first pointed elsewhere and then home (MCP Inspector CVE-2025-49596, TypeScript SDK CVE-2025-66414).',
    correct:
      'Hosts and origins are listed even on loopback, and a key is asked for; outgoing names are pinned once resolved.',
  },
  {
    id: 'A15',
    happened: 'A tool changed its description after it had been approved (CVE-2025-54136).',
    correct: 'An approval holds for the hash of name, description and schema.',
    open: 'comes with tools of agents',
  },
  {
    id: 'A16',
    happened: 'State that a server hands out comes back changed (MCP request state).',
    correct: 'As a client: opaque. As a server: sealed, with its audience, method and end.',
    open: 'comes with tools of agents',
  },
  {
    id: 'A17',
    happened: 'One transport for two clients answered the wrong one (MCP SDK CVE-2026-25536).',
    correct: 'Answers never cross: a connection carries one request at a time.',
  },
  {
    id: 'A18',
    happened: 'A pattern that takes exponential time stopped a worker (MCP SDK CVE-2026-0621, vLLM CVE-2025-48944).',
    correct: 'No pattern of a user is run; ours take linear time.',
  },
  {
    id: 'A19',
    happened: "A proxy passed its caller's token on to who should never have it (confused deputy, a class of attacks).",
    correct: "The caller's key never leaves us; a vendor gets its own credential.",
  },
  {
    id: 'A20',
    happened: 'A URL of a stranger was opened by a shell (mcp-remote CVE-2025-6514).',
    correct: 'URLs are never given to a shell.',
    open: 'comes with sign-in to tools of agents: no URL is opened today',
  },
  {
    id: 'A21',
    happened:
      'Paths climbed out of their folder, by links, prefixes or dots (CVE-2025-53109, CVE-2025-53110, CVE-2026-27735, CVE-2026-34070).',
    correct: 'Files are named by ids; what must be a path is resolved first and compared by segments.',
  },
  {
    id: 'A22',
    happened: 'Kept state was revived as code (LangGraph CVE-2025-64439, LangChain CVE-2025-68664, CVE-2025-68665).',
    correct: 'What is kept is plain JSON and stays data, with `__proto__` and lone surrogates in it.',
  },
  {
    id: 'A23',
    happened: 'An empty secret made every signature valid (new-api CVE-2026-41432).',
    correct: 'An empty secret refuses the start.',
  },
  {
    id: 'A24',
    happened: 'Who ruled over the audit log made it write any file (Vault CVE-2025-6000).',
    correct: 'Where we write is said by the file on disk, never by the network.',
  },
  {
    id: 'A25',
    happened: 'A cache gave the answer of one tenant to another (vLLM semantic-router, LiteLLM, OmniRoute).',
    correct: 'The tenant is a part of the key of a cache.',
    open: 'comes with a cache of answers: there is none',
  },
  {
    id: 'A26',
    happened:
      "One credential for all tenants shares the vendor's prompt cache, whose timing tells (seven vendors, 2025).",
    correct: '`cacheIsolation` keeps tenants apart at the vendor.',
    open: 'comes with `cacheIsolation`: today all keys of a provider share its credential',
  },
  {
    id: 'A27',
    happened: 'Keys stood in logs, in exceptions and in answers (LiteLLM, March 2026 and others).',
    correct: 'What is logged is listed, secrets have a type that does not print, errors of vendors are written anew.',
  },
  {
    id: 'A28',
    happened: 'Text of a model became events of the stream (Hono CVE-2026-29085, h3 CVE-2026-33128).',
    correct: 'No line end leaves inside an event; data is JSON.',
  },
  {
    id: 'A29',
    happened: 'Text of a stranger forged lines of a log, or moved its reader (a class of attacks).',
    correct: 'A log line is one line of JSON, control characters escaped.',
  },
  {
    id: 'A30',
    happened: 'Values with line ends became headers (a class of attacks).',
    correct: 'Headers that are passed on are listed; what Connection names is dropped.',
  },
  {
    id: 'A31',
    happened: "Text of a model ran in the reader's browser or sent his data away (EchoLeak CVE-2025-32711).",
    correct: 'Pages show text as text, load nothing foreign, and run no script that they did not bring.',
  },
  {
    id: 'A32',
    happened: "Another site acted with the operator's browser (a class of attacks).",
    correct: 'Rights come by a header that no browser adds by itself; nothing is changed by GET.',
  },
  {
    id: 'A33',
    happened: 'One field asked for more than a server has (vLLM CVE-2026-34756, CVE-2025-48956).',
    correct: 'Fields that multiply work have ceilings.',
  },
  {
    id: 'A34',
    happened: 'A gateway called itself, for ever (CLIProxyAPI, Portkey).',
    correct: '`Via` names the instance: a loop is refused with 508.',
  },
  {
    id: 'A35',
    happened: 'Forged values filled a map until the process died (a class of attacks).',
    correct: 'Maps are bounded; X-Forwarded-For counts only from listed proxies.',
  },
  {
    id: 'A36',
    happened: 'A hundred compressed bytes became 64 MB (a class of attacks).',
    correct: 'No coding is asked for; what is decoded is bounded, and stacked codings are refused.',
  },
  {
    id: 'A37',
    happened: 'A stolen key without a limit cost $82,000 in two days.',
    correct: 'A new key has a limit, unless somebody says that it has none.',
    open: 'who makes a key is told whether anything caps it (`cappedBy`); a limit by default comes with defaults of teams',
  },
  {
    id: 'A38',
    happened: 'A gateway rewrote tool calls on their way.',
    correct: 'Where both sides speak one wire, bytes pass as they came, but for edits that are named.',
  },
  {
    id: 'A39',
    happened: 'An agent destroyed data that it was asked to keep (Replit 2025, PocketOS 2026).',
    correct: 'What is unsafe is approved for a hash of tool and arguments.',
    open: 'comes with agents',
  },
  {
    id: 'A40',
    happened: 'Jobs were taken from anybody, and their words read by a shell (Ray CVE-2023-48022).',
    correct: 'Jobs need a right; their words reach the program as they are.',
  },
  {
    id: 'A41',
    happened: 'Engines stood open to the internet (Ollama CVE-2026-7482).',
    correct: 'Own engines are reached through us only.',
    open: 'an engine listens where the command of its job says; comes with executors of clusters, which can close its port',
  },
  {
    id: 'A42',
    happened: 'The time that a comparison takes tells the key (a class of attacks).',
    correct: 'The key is hashed, and the hash looked up.',
  },
];

/** What durability and edges are measured by. Figures stand in the tests. */
export const goalRows: readonly AttackRow[] = [
  {
    id: 'G1',
    happened: 'Processes are killed',
    correct: 'No acknowledged record is lost or doubled.',
  },
  {
    id: 'G2',
    happened: 'Power is lost',
    correct: 'No acknowledged record is lost.',
  },
  {
    id: 'G3',
    happened: 'A disk fails or is full',
    correct: 'Nothing is acknowledged that is not on disk; requests are refused with Retry-After until it is well.',
  },
  {
    id: 'G4',
    happened: 'Many streams share one budget',
    correct: 'Spent never exceeds the cap where requests bound their output.',
  },
  {
    id: 'G5',
    happened: 'One vendor is out, another well',
    correct: 'No client sees an error before content, and none a truncation that is not told.',
  },
  {
    id: 'G6',
    happened: 'Storms of failures',
    correct: 'Extra calls of vendors stay within 10 %.',
  },
  {
    id: 'G7',
    happened: 'The database is gone',
    correct: 'No client sees an error; all records are in afterwards.',
  },
  {
    id: 'G8',
    happened: 'Twice the load that can be borne',
    correct: 'Most of the best goodput is kept, and the rest is told early to come back.',
  },
  {
    id: 'G9',
    happened: 'One tenant asks for ten times its share',
    correct: 'Others hardly notice.',
  },
  {
    id: 'G10',
    happened: 'The program or its database starts again',
    correct: 'It is ready within seconds; whom it took for dead has no effect afterwards.',
  },
  {
    id: 'G11',
    happened: 'Agents are killed between two steps',
    correct: 'An unsafe tool runs at most once.',
    open: 'comes with agents',
  },
  {
    id: 'G12',
    happened: 'Secrets everywhere',
    correct: 'A canary in each place of a secret is found in no output of the whole suite.',
  },
  {
    id: 'G13',
    happened: 'Spellings of forbidden hosts',
    correct: 'The forbidden listener sees no connection.',
  },
  {
    id: 'G14',
    happened: 'Routes without a policy',
    correct: 'Each route declares one, and answers by it.',
  },
  {
    id: 'G15',
    happened: 'Raw requests of all kinds',
    correct: 'One reading, or a closed connection.',
  },
  {
    id: 'G16',
    happened: 'The time that a key takes',
    correct: 'Tells nothing about the key.',
  },
  {
    id: 'G17',
    happened:
      'Packages were taken over (LiteLLM on PyPI, chalk and debug, Shai-Hulud, axios, TanStack with valid provenance; 2025 and 2026).',
    correct:
      'Few packages, exact pins, integrity in the lock, no install scripts, at least a week old; it starts after `npm ci --ignore-scripts`.',
  },
  {
    id: 'G18',
    happened: 'Bytes of all kinds',
    correct: 'No parser or state machine crashes, hangs or reads two ways.',
  },
  {
    id: 'G19',
    happened: 'A whole fleet, simulated by seeds',
    correct: 'Safety and liveness hold; a failing seed replays.',
    open: 'comes with the simulation',
  },
  {
    id: 'G20',
    happened: 'Hours under load with faults',
    correct: 'Memory, descriptors and timers stay flat, and the books balance.',
  },
  {
    id: 'G21',
    happened: 'Configurations of all kinds, and reloads under load',
    correct: 'A configuration is swapped whole or stays, and no request fails.',
  },
  {
    id: 'G22',
    happened: 'Who changed what',
    correct: 'No change by an operator without a durable record that cannot be edited unseen.',
    open: 'comes with the audit log',
  },
  {
    id: 'G23',
    happened: 'One version up and back under load',
    correct: 'No error, no lost record.',
    open: 'comes with the second released version',
  },
  {
    id: 'G25',
    happened: 'A backup is all that is left',
    correct: 'It is restored row by row, with what was in the spool alone, and its ledger is whole.',
  },
  {
    id: 'G24',
    happened: 'Attacks are forgotten',
    correct: 'This table: a row that applies without a test fails the checks.',
  },
];
