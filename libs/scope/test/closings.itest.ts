import { inTransaction, nobody } from '@bankcrm/database';
import { CustomerPlaced } from '@bankcrm/proto/gen/bankcrm/customer/v1/placements.ts';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { apply } from '../src/apply.ts';
import { decode } from '../src/decode.ts';
import { type Bank, customerId, nobodys, type Sent, sentBy } from './support/bank.ts';
import { openProjection, type Projection, rawOf, settingsOf } from './support/projection.ts';
import { throughEach } from './support/same-as-model.ts';

/** An RM with a customer, and one that is part of it now. */
const bank: Bank = {
  units: [{ above: undefined, before: undefined }],
  people: [{ posts: [{ role: 'rm', unit: 0 }] }],
  queues: [],
  customers: [
    { ...nobodys, rm: 0 },
    { ...nobodys, mergedInto: 0 },
  ],
};
const [survivor, part] = [customerId(0), customerId(1)];

/** A placement as it was sent last, of a sequence so much higher. */
function placed(id: string, higher: bigint, change: Partial<CustomerPlaced> = {}): Sent {
  const sent = sentBy(bank, new Date()).findLast(({ key }) => key === id)!;
  const message = CustomerPlaced.decode(sent.value);
  const value = Buffer.from(CustomerPlaced.encode({ ...message, sequence: message.sequence + higher, ...change }).finish());
  return { ...sent, value };
}
const broken = (id: string, higher: bigint): Sent => placed(id, higher, { kind: '' });
const unreadable = (id: string): Sent => ({ ...placed(id, 0n), value: Buffer.from([0xff]) });

let projection: Projection;
beforeAll(async () => {
  projection = await openProjection();
});
afterAll(() => projection?.close());
beforeEach(async () => {
  await projection.clear();
  await projection.deliver(sentBy(bank, new Date()));
  await projection.hangOn(bank);
  expect(await sight()).toEqual(shows([survivor], [survivor, part]));
});

const sight = async () => ({
  seen: await projection.seen(settingsOf(bank, 0)),
  hanging: await projection.seenToHang(settingsOf(bank, 0)),
});
const shows = (seen: string[], hanging: string[]) => ({ seen: throughEach(seen), hanging: throughEach(hanging.toSorted()) });

it('a closed customer hides what hangs on it and on all that are part of it', async () => {
  expect(await projection.deliver([broken(survivor, 1n)])).toEqual(['INVALID_FIELD kind']);
  expect(await sight()).toEqual(shows([], []));
});

it('a customer that was part of another one hides what hangs on it when it is closed', async () => {
  await projection.deliver([unreadable(part)]);
  expect(await sight()).toEqual(shows([survivor], [survivor]));
});

it('participants do not see a closed customer', async () => {
  const participants = CustomerPlaced.decode(placed(survivor, 0n).value);
  const restricted = { restricted: true, participants: [{ staffId: participants.rmStaffId, expireTime: undefined }] };
  await projection.deliver([placed(survivor, 1n, restricted)]);
  expect(await sight()).toEqual(shows([survivor], [survivor, part]));
  await projection.deliver([unreadable(survivor)]);
  expect(await sight()).toEqual(shows([], []));
});

it.each<[string, Sent[], boolean]>([
  ['closes behind a good placement', [placed(survivor, 1n), broken(survivor, 2n)], false],
  ['closes behind a good placement when it is no protobuf', [placed(survivor, 1n), unreadable(survivor)], false],
  ['is undone by a good placement behind it', [broken(survivor, 1n), placed(survivor, 2n)], true],
  ['is undone by a good placement behind it when it is no protobuf', [unreadable(survivor), placed(survivor, 1n)], true],
  ['stays when the placement before it comes again', [unreadable(survivor), placed(survivor, 0n)], false],
  ['closes nothing when it is older than what stands', [placed(survivor, 2n), broken(survivor, 1n)], true],
])('a rejected placement %s, in one transaction as in many', async (_, sent, visible) => {
  const wanted = visible ? shows([survivor], [survivor, part]) : shows([], []);
  await projection.deliver(sent);
  expect(await sight()).toEqual(wanted);
  await projection.clear();
  await projection.deliver(sentBy(bank, new Date()));
  await projection.hangOn(bank);
  for (const one of sent) await projection.deliver([one]);
  expect(await sight()).toEqual(wanted);
});

it('a message without an id for a key closes nothing', async () => {
  expect(await projection.deliver([{ ...unreadable(survivor), key: `customers/${survivor}` }])).toEqual(['BAD_PROTOBUF']);
  expect(await sight()).toEqual(shows([survivor], [survivor, part]));
});

it('a letter that is tried again closes nothing', async () => {
  const items = [decode(rawOf(unreadable(survivor)))].filter((item) => item.ok);
  const context = { topic: rawOf(unreadable(survivor)).topic, now: new Date(), replay: true };
  const letters = await inTransaction(projection.workers, nobody, (tx) => apply(tx, items, context));
  expect(letters.map(({ reason }) => reason)).toEqual(['BAD_PROTOBUF']);
  expect(await sight()).toEqual(shows([survivor], [survivor, part]));
});
