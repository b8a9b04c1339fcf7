import { CustomersService } from '@bankcrm/proto/gen/bankcrm/customer/v1/customers.ts';
import { expect, it } from 'vitest';
import { fillBank, who } from './read-bank.ts';
import { openReads } from './read-support.ts';
it('t', async () => {
  const bench = await openReads(); await fillBank(bench);
  const name = `customers/${await bench.customerOf(who.zhang)}`;
  const t = async (label: string, f: () => Promise<unknown>) => { for (let i = 0; i < 5; i++) await f(); const s = performance.now(); for (let i = 0; i < 20; i++) await f(); console.log(label, ((performance.now() - s) / 20).toFixed(1)); };
  for (const r of ['rm','branchManager','hqManager'] as const) {
  await t(r+' get', () => bench.as(r, CustomersService.getCustomer, { name }));
  await t(r+' 360', () => bench.as(r, CustomersService.viewCustomer360, { name }));
  await t(r+' tx', () => bench.as(r, CustomersService.listTransactions, { parent: name, pageSize: 50, pageToken: '', filter: '' }));
  await t(r+' list', () => bench.as(r, CustomersService.listCustomers, { pageSize: 50, pageToken: '', filter: '', orderBy: '' }));
  await t(r+' bday', () => bench.as(r, CustomersService.listCustomers, { pageSize: 50, pageToken: '', filter: '', orderBy: 'next_birthday' }));
  await t(r+' count', () => bench.as(r, CustomersService.countCustomers, { filter: '' }));
  await t(r+' search name', () => bench.as(r, CustomersService.searchCustomers, { query: '张伟', pageSize: 20, pageToken: '', includeClosed: false }));
  await t(r+' search num', () => bench.as(r, CustomersService.searchCustomers, { query: '13800138000', pageSize: 20, pageToken: '', includeClosed: false }));
  }
  await bench.closeAll();
  expect(1).toBe(1);
});
