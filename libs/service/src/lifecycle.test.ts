import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Lifecycle, startOrEnd } from './lifecycle.ts';
import type { Log } from './log.ts';

const events = ['SIGTERM', 'SIGINT', 'unhandledRejection', 'uncaughtException'] as const;

describe('stopping', () => {
  const errors: Record<string, unknown>[] = [];
  const log = { info: () => {}, error: (fields: Record<string, unknown>) => void errors.push(fields) } as unknown as Log;
  let before: Map<string, unknown[]>;

  beforeEach(() => {
    errors.length = 0;
    before = new Map(events.map((event) => [event, process.listeners(event as 'SIGTERM')]));
  });
  afterEach(() => {
    vi.restoreAllMocks();
    for (const event of events)
      for (const listener of process.listeners(event as 'SIGTERM'))
        if (!before.get(event)!.includes(listener)) process.removeListener(event, listener);
  });

  it('runs the phases in their order, each after the one before', async () => {
    const lifecycle = new Lifecycle(log);
    const order: string[] = [];
    lifecycle.onStop('calls', 1_000, async () => {
      await new Promise((resolve) => setImmediate(resolve));
      order.push('calls');
    });
    lifecycle.onStop('outbox', 1_000, () => void order.push('outbox'));
    expect(lifecycle.stopping).toBe(false);
    await lifecycle.stop('test');
    expect(order).toEqual(['calls', 'outbox']);
    expect(errors).toEqual([]);
  });

  it('goes on after a phase that fails or overruns its limit, and says which', async () => {
    const lifecycle = new Lifecycle(log);
    let closed = false;
    lifecycle.onStop('failing', 1_000, () => {
      throw new Error('x');
    });
    lifecycle.onStop('stuck', 20, () => new Promise(() => {}));
    lifecycle.onStop('connections', 1_000, () => {
      closed = true;
    });
    await lifecycle.stop('test');
    expect(closed).toBe(true);
    expect(errors.map(({ phase }) => phase)).toEqual(['failing', 'stuck']);
  });

  it('happens once, however often it is asked for, and is known while it goes on', async () => {
    const lifecycle = new Lifecycle(log);
    let runs = 0;
    lifecycle.onStop('calls', 1_000, () => {
      runs += 1;
      expect(lifecycle.stopping).toBe(true);
    });
    await Promise.all([lifecycle.stop('first'), lifecycle.stop('second')]);
    expect(runs).toBe(1);
  });

  it('begins on SIGTERM and ends the process with 0, on a programming error with 1', async () => {
    const exit = vi.spyOn(process, 'exit').mockImplementation((() => {}) as never);
    const stopped: string[] = [];
    new Lifecycle(log).onStop('calls', 1_000, () => void stopped.push('terminated'));
    process.listeners('SIGTERM').at(-1)!('SIGTERM');
    await vi.waitFor(() => expect(exit).toHaveBeenCalledWith(0));
    new Lifecycle(log).onStop('calls', 1_000, () => void stopped.push('failed'));
    process.listeners('uncaughtException').at(-1)!(new Error('x'), 'uncaughtException');
    await vi.waitFor(() => expect(exit).toHaveBeenCalledWith(1));
    expect(stopped).toEqual(['terminated', 'failed']);
  });

  it('is what a failed start ends in, at once, having said why with all causes', async () => {
    const exit = vi.spyOn(process, 'exit').mockImplementation((() => {}) as never);
    const stderr = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
    expect(await startOrEnd(async () => 'started')).toBe('started');
    expect(exit).not.toHaveBeenCalled();
    const cause = Object.assign(new AggregateError([]), { code: 'ECONNREFUSED' });
    await startOrEnd(() => Promise.reject(new Error('key version 1 must have 32 bytes', { cause })));
    expect(stderr.mock.calls).toEqual([['cannot start: key version 1 must have 32 bytes: ECONNREFUSED\n']]);
    expect(exit).toHaveBeenCalledWith(1);
  });
});
