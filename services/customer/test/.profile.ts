import { inTransaction, nobody } from '@bankcrm/database';
import { simulate } from '@bankcrm/simulator';
import { openSync, rawOf } from './sync-support.ts';
process.env.BANKCRM_TEST_STACK ??= '/tmp/cs/stack';
const n = Number(process.argv[2] ?? 5000);
const sync = await openSync();
const by = new Map<string, any[]>();
for (const m of simulate({ customers: n, seed: 3, months: Number(process.env.MONTHS ?? 2) })) { const r = rawOf(m); (by.get(r.topic) ?? by.set(r.topic, []).get(r.topic)!).push(r); }
for (const topic of (process.env.TOPICS ?? 'rates,customers,accounts,transactions').split(',').map((t) => 'corebanking.' + t + '.v1')) {
  const raws = by.get(topic)!;
  let t0 = performance.now();
  const items = raws.map((r) => sync.decode(r) as any);
  const tDecode = performance.now() - t0;
  const bad = items.filter((i) => !i.ok); if (bad.length) console.log('bad', bad.length, bad[0].reason, bad[0].field);
  t0 = performance.now();
  const chunks: any[][] = []; for (let i = 0; i < items.length; i += 2000) chunks.push(items.slice(i, i + 2000));
  const cpu0 = process.cpuUsage();
  const conc = Number(process.env.CONC ?? 2);
  let next = 0;
  await Promise.all(Array.from({ length: conc }, async () => { while (next < chunks.length) { const c = chunks[next++]!; await inTransaction(sync.workers, nobody, (tx) => sync.apply(tx, c, { topic, now: new Date(), replay: false })); } }));
  const t = performance.now() - t0; const cpu = process.cpuUsage(cpu0);
  console.log(topic, items.length, 'decode µs', (tDecode * 1000 / items.length).toFixed(1), 'apply rows/s', Math.round(items.length / t * 1000), 'wall µs', (t * 1000 / items.length).toFixed(1), 'node cpu µs', ((cpu.user + cpu.system) / items.length).toFixed(1));
}
console.log('rss', Math.round(process.memoryUsage().rss / 1e6));
await sync.close();
