// Run by a test as its own process: starts the embedded PostgreSQL, tells where it is, and waits to be killed.
import { writeSync } from 'node:fs';
import { silentLog } from '../../kernel/index.ts';
import { startEmbeddedPostgres } from './startEmbeddedPostgres.ts';

const postgres = await startEmbeddedPostgres({ dataDir: process.argv[2] ?? '', log: silentLog });
writeSync(1, `${JSON.stringify({ pid: postgres.pid, url: postgres.url.reveal() })}\n`);
setInterval(() => {}, 60_000);
