import { once } from 'node:events';
import { createServer } from 'node:net';
import { expect, test } from 'vitest';
import { createMetrics } from './createMetrics.ts';
import { measureProcess, readProcess, type ProcessReading } from './measureProcess.ts';

const reading = (more: Partial<ProcessReading>): ProcessReading => ({
  residentBytes: 100,
  heapUsedBytes: 10,
  openFiles: 20,
  resources: new Map([['Timeout', 2]]),
  cpuS: 1.5,
  ...more,
});

test('what a process holds is told under the names that dashboards know', () => {
  const { metrics, render } = createMetrics();
  measureProcess(metrics, () => reading({}))();
  const text = render();
  expect(text).toContain('\nprocess_resident_memory_bytes 100\n');
  expect(text).toContain('\nnodejs_heap_size_used_bytes 10\n');
  expect(text).toContain('\nprocess_open_fds 20\n');
  expect(text).toContain('\nprocess_cpu_seconds_total 1.5\n');
  expect(text).toContain('\nnodejs_active_resources{type="Timeout"} 2\n');
});

test('processor time only grows, and what is gone counts 0', () => {
  const { metrics, render } = createMetrics();
  const readings = [
    reading({}),
    reading({ cpuS: 4, resources: new Map([['TCPSocketWrap', 1]]) }),
    reading({ cpuS: 3, openFiles: null }),
  ];
  const measure = measureProcess(metrics, () => readings.shift()!);
  measure();
  measure();
  expect(render()).toContain('\nprocess_cpu_seconds_total 4\n');
  expect(render()).toContain('\nnodejs_active_resources{type="Timeout"} 0\n');
  measure();
  expect(render()).toContain('\nprocess_cpu_seconds_total 4\n');
});

test('a listener that is left open is seen', async () => {
  const listeners = (): number => readProcess().resources.get('TCPServerWrap') ?? 0;
  const before = listeners();
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  expect(listeners()).toBe(before + 1);
  server.close();
});
