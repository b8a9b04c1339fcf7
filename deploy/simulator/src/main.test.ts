import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

describe('the command without --brokers', () => {
  let dir: string;
  beforeAll(() => {
    dir = mkdtempSync(join(tmpdir(), 'bankcrm-simulate-'));
  });
  afterAll(() => rmSync(dir, { recursive: true }));

  const simulate = () => {
    const args = ['--disable-warning=TimeoutNegativeWarning', join(import.meta.dirname, 'main.ts'), '--customers', '1'];
    const { status, stderr } = spawnSync(process.execPath, args, {
      env: { ...process.env, BANKCRM_LOCAL_DIR: dir },
      encoding: 'utf8',
      timeout: 25_000,
    });
    return { status, stderr };
  };

  it('says how to start a stack where there is none', () => {
    expect(simulate()).toEqual({ status: 2, stderr: `simulate: There is no stack in ${dir}. Start one: npm start\n` });
  });

  it("publishes to the stack's broker, and names it where it does not answer", () => {
    writeFileSync(join(dir, 'stack.json'), JSON.stringify({ kafka: { brokers: ['127.0.0.1:1'] } }));
    const stderr =
      'simulate: no Kafka broker answers at 127.0.0.1:1. Start the stack (npm start), or name other brokers with --brokers.\n';
    expect(simulate()).toEqual({ status: 2, stderr });
  });
});
