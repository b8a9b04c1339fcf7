import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Repeat } from './repeat.ts';

describe('repeated work', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  const turns: PromiseWithResolvers<boolean>[] = [];
  const failures: unknown[] = [];
  const work = (): Promise<boolean> => {
    const turn = Promise.withResolvers<boolean>();
    turns.push(turn);
    return turn.promise;
  };
  const start = () => {
    turns.length = 0;
    failures.length = 0;
    return new Repeat({
      name: 'w',
      everyMs: 1_000,
      work,
      log: { error: (fields: object) => void failures.push(fields) } as never,
    });
  };
  const settle = () => vi.advanceTimersByTimeAsync(0);

  it('comes in its time, one turn at a time, and once more after a turn in which it was asked for', async () => {
    const repeated = start();
    await vi.advanceTimersByTimeAsync(1_000);
    expect(turns.length).toBe(1);
    repeated.soon();
    repeated.soon();
    expect(turns.length).toBe(1);
    turns[0]!.resolve(false);
    await settle();
    expect(turns.length).toBe(2);
    turns[1]!.resolve(false);
    await settle();
    expect(turns.length).toBe(2);
    await repeated.stop();
  });

  it('goes on at once while there is more, and in its time after a failure', async () => {
    const repeated = start();
    repeated.soon();
    turns[0]!.resolve(true);
    await settle();
    expect(turns.length).toBe(2);
    turns[1]!.reject(new Error('no'));
    await settle();
    expect([turns.length, failures.length]).toEqual([2, 1]);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(turns.length).toBe(3);
    turns[2]!.resolve(false);
    await repeated.stop();
  });

  it('stops after the turn under way', async () => {
    const repeated = start();
    repeated.soon();
    let stopped = false;
    const stopping = repeated.stop().then(() => {
      stopped = true;
    });
    await settle();
    expect(stopped).toBe(false);
    turns[0]!.resolve(true);
    await stopping;
    await vi.advanceTimersByTimeAsync(5_000);
    expect(turns.length).toBe(1);
  });
});
