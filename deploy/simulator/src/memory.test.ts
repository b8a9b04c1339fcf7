import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

const run = promisify(execFile);

it('streams a bank several times larger than its memory', async () => {
  // 20,000 customers are about 100 MB of payload; V8 ends the process when more than 40 MB of it stays reachable.
  const script = `
    const { simulate } = await import(${JSON.stringify(new URL('./index.ts', import.meta.url).href)});
    let messages = 0, bytes = 0;
    for (const message of simulate({ customers: 20_000, months: 2 })) { messages++; bytes += message.value.length; }
    console.log(JSON.stringify({ messages, bytes, rss: process.memoryUsage.rss() }));`;
  const args = ['--max-old-space-size=40', '--input-type=module', '--eval', script];
  const { stdout } = await run(process.execPath, args, { timeout: 55_000 });
  const { bytes, rss } = JSON.parse(stdout) as { bytes: number; rss: number };
  expect(bytes).toBeGreaterThan(70_000_000);
  expect(rss).toBeLessThan(250_000_000);
}, 60_000);
