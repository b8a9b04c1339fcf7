import { inTransaction, nobody } from '@bankcrm/database';
import { simulate } from '@bankcrm/simulator';
import { openSync, rawOf } from './sync-support.ts';
process.env.BANKCRM_TEST_STACK ??= '/tmp/cs/stack';
import { readFileSync, readdirSync } from 'node:fs';
const pgCpu = () => { let t = 0; for (const d of readdirSync('/proc')) { if (!/^\d+$/.test(d)) continue; try { const c = readFileSync(`/proc/${d}/cmdline`, 'utf8'); if (!c.includes('postgres: ') || !c.includes(dbName)) continue; const st = readFileSync(`/proc/${d}/stat`, 'utf8').split(') ')[1]!.split(' '); t += (Number(st[11]) + Number(st[12])) * 10; } catch {} } return t; };
let dbName = 'zzz';
const n = Number(process.argv[2] ?? 5000);
const sync = await openSync(); dbName = new URL(sync.urls.worker).pathname.slice(1);
const by = new Map<string, any[]>();
for (const m of simulate({ customers: n, seed: 3, months: Number(process.env.MONTHS ?? 2) })) { const r = rawOf(m); (by.get(r.topic) ?? by.set(r.topic, []).get(r.topic)!).push(r); }
for (const topic of (process.env.TOPICS ?? 'rates,customers,accounts,transactions').split(',').map((t) => 'corebanking.' + t + '.v1')) {
  const raws = by.get(topic)!;
  let t0 = performance.now(); const d0 = process.cpuUsage();
  const items = raws.map((r) => sync.decode(r) as any);
  const dc = process.cpuUsage(d0); const tDecode = (dc.user + dc.system) / 1000;
  const bad = items.filter((i) => !i.ok); if (bad.length) console.log('bad', bad.length, bad[0].reason, bad[0].field);
  t0 = performance.now();
  const chunks: any[][] = []; for (let i = 0; i < items.length; i += 2000) chunks.push(items.slice(i, i + 2000));
  const cpu0 = process.cpuUsage(); const pg0 = pgCpu();
  const conc = Number(process.env.CONC ?? 2);
  let next = 0;
  await Promise.all(Array.from({ length: conc }, async () => { while (next < chunks.length) { const c = chunks[next++]!; await inTransaction(sync.workers, nobody, (tx) => sync.apply(tx, c, { topic, now: new Date(), replay: false })); } }));
  const t = performance.now() - t0; const cpu = process.cpuUsage(cpu0);
  console.log(topic, items.length, 'decode µs', (tDecode * 1000 / items.length).toFixed(1), 'apply rows/s', Math.round(items.length / t * 1000), 'wall µs', (t * 1000 / items.length).toFixed(1), 'node cpu µs', ((cpu.user + cpu.system) / items.length).toFixed(1), 'pg cpu µs', ((pgCpu() - pg0) * 1000 / items.length).toFixed(1));
}

{ const pg = (await import('pg')).default; const c = new pg.Client({ connectionString: sync.stack.postgres.superuserUrl.replace('/postgres', '/' + dbName).replace(/\/[^/]*$/, '/' + dbName) }); await c.connect();
  const { rows } = await c.query("SELECT current_setting('data_directory') AS d"); await c.query('CREATE SCHEMA bench');
  for (const tables of [['customer','customer_summary','party','party_snapshot','identifying_value','name_token','account','holder','participant'], ['transaction']]) {
    for (const t of tables) { await c.query(`COPY customer.${t} TO '${rows[0].d}/p-${t}.copy' (FORMAT binary)`); await c.query(`CREATE TABLE bench.${t} (LIKE customer.${t} INCLUDING ALL)`); }
    await c.query('CHECKPOINT'); const p0 = pgCpu(); const t0 = performance.now(); await c.query('BEGIN'); for (const t of tables) await c.query(`COPY bench.${t} FROM '${rows[0].d}/p-${t}.copy' (FORMAT binary)`); await c.query('COMMIT');
    const m = tables.length > 1 ? by.get('corebanking.customers.v1')!.length + by.get('corebanking.accounts.v1')!.length : by.get('corebanking.transactions.v1')!.length;
    console.log('COPY', tables[0], 'messages', m, 'wall µs', ((performance.now() - t0) * 1000 / m).toFixed(1), 'pg cpu µs', ((pgCpu() - p0) * 1000 / m).toFixed(1)); }
  await c.end(); }
console.log('rss', Math.round(process.memoryUsage().rss / 1e6));
await sync.close();
