import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const data = join(import.meta.dirname, '../../../../shared/data/berka');

describe('the command without --brokers', () => {
  let dir: string;
  beforeAll(() => {
    dir = mkdtempSync(join(tmpdir(), 'bankcrm-replay-'));
  });
  afterAll(() => rmSync(dir, { recursive: true }));

  const replay = () => {
    const args = ['--disable-warning=TimeoutNegativeWarning', join(import.meta.dirname, 'main.ts'), 'berka', data];
    const { status, stderr } = spawnSync(process.execPath, args, {
      env: { ...process.env, BANKCRM_LOCAL_DIR: dir },
      encoding: 'utf8',
      timeout: 25_000,
    });
    return { status, stderr };
  };

  it('says how to start a stack where there is none', () => {
    expect(replay()).toEqual({ status: 2, stderr: `replay: There is no stack in ${dir}. Start one: npm start\n` });
  });

  it.runIf(existsSync(data))("feeds the stack's broker, and names it where it does not answer", () => {
    writeFileSync(join(dir, 'stack.json'), JSON.stringify({ kafka: { brokers: ['127.0.0.1:1'] } }));
    const stderr =
      'replay: no Kafka broker answers at 127.0.0.1:1. Start the stack (npm start), or name other brokers with --brokers.\n';
    expect(replay()).toEqual({ status: 2, stderr });
  });
});
