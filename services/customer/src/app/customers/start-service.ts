import { normaliseAccountNumber } from '@bankcrm/access/normalise';
import { phoneForms } from '@bankcrm/access/phone';
import { command } from '@bankcrm/backend';
import { idNumberForms, readResidentId } from '@bankcrm/contract/domain';
import type { Tx } from '@bankcrm/database';
import { type AppError, invalid, newId, notFound, refused } from '@bankcrm/kernel';
import { PresentedKind, StartServiceRequest, StartServiceResponse } from '@bankcrm/proto/gen/bankcrm/customer/v1/customers.ts';
import { type Call, callingStaff } from '@bankcrm/service';
import { requireText } from '../../domain/free-text.ts';
import type { NewInteraction } from '../../domain/interaction.ts';
import { Reason } from '../../domain/reasons.ts';
import { interactionOf } from '../../store/interaction-row.ts';
import { takeMissBack } from '../../store/look-up-misses.ts';
import { requireCustomer } from '../../store/visible-customer.ts';
import { actOn, queryHash, recordAct } from '../acts.ts';
import { asCaller, type CustomerDeps } from '../deps.ts';
import { interactionHash, saveInteraction, writtenFields } from '../interactions/save-interaction.ts';
import { beginLookUp, foundNobody } from './look-ups.ts';

const accountForms = (text: string): string[] => [normaliseAccountNumber(text)];

/** What may be presented: how it is searched, under which key it is indexed, and the forms that it may have there, the first as it was presented. */
const presented = {
  [PresentedKind.ID_NUMBER]: { kind: 'id-number', index: 'id-number', forms: idNumberForms },
  [PresentedKind.ACCOUNT_NUMBER]: { kind: 'account', index: 'account', forms: accountForms },
  [PresentedKind.CARD_NUMBER]: { kind: 'card', index: 'account', forms: accountForms },
  [PresentedKind.PHONE]: { kind: 'phone', index: 'phone', forms: phoneForms },
} as const;

/** Permission to open the customer whose phone somebody calls from. */
const byPhonePermission = 'customer.service.start-by-phone';

/** How the customer comes, as the interaction's kind. */
const channels: Readonly<Record<string, string>> = { counter: 'counter-service', phone: 'call' };

/**
 * Opens the customer who presents an exact identifier, for the caller and for 90 days, and records that as an interaction. A phone number is an identifier
 * on the phone only, and for those who answer it. Every try counts as a look-up. Throws NOT_FOUND for nobody and for a restricted customer alike, INVALID
 * `ID_CHECK_DIGIT` for a mistyped ID number, REFUSED `SEVERAL_CUSTOMERS` where the identifier belongs to more than one (a family's phone, an
 * account with a joint owner or a signer): an ID document tells them apart.
 */
export const startService =
  (deps: CustomerDeps) =>
  async (request: StartServiceRequest, call: Call): Promise<StartServiceResponse> => {
    const caller = callingStaff(call);
    const how = Object.hasOwn(presented, request.kind) ? presented[request.kind as keyof typeof presented] : undefined;
    if (!how) throw invalid('kind', 'must say what was presented');
    const forms = how.forms(request.value);
    const value = forms[0]!;
    if (value.length < 4 || value.length > 34 || /[*＊]/.test(request.value))
      throw invalid('value', 'must be the complete number presented');
    const interactionKind = Object.hasOwn(channels, request.channel) ? channels[request.channel] : undefined;
    if (interactionKind === undefined) throw invalid('channel', `must be one of ${Object.keys(channels).join(', ')}`);
    if (how.kind === 'phone' && !(request.channel === 'phone' && caller.permissions.has(byPhonePermission)))
      throw invalid('kind', 'a phone number identifies only who calls, to those who answer the phone');
    requireText('note', request.note, 500);
    const hash = queryHash(deps, [how.kind, value]);
    call.asksFor(hash);
    const lookUp = await beginLookUp(call, deps, {
      numbers: [{ kind: how.index, number: value }],
      queryHash: hash,
      atCounter: request.channel === 'counter',
    });

    const now = deps.clock.now();
    const indexes = forms.flatMap((form) => deps.index.candidates(how.index, form));
    const [customerId, ...others] = await asCaller(deps, call, async (tx) => {
      const found = await findPresented(tx, how.kind, indexes);
      if (found.length > 0) await takeMissBack(tx, lookUp.lookUpId, { searched: indexes });
      return found;
    });
    if (customerId === undefined) {
      await foundNobody(call, deps, lookUp);
      throw nobodyBy(how.kind, value);
    }
    if (others.length > 0) throw refused(Reason.severalCustomers);

    const { staffId } = caller;
    const service: NewInteraction = {
      kind: interactionKind,
      direction: 'inbound',
      summary: request.note.trim(),
      occurTime: now,
      nextStep: '',
      nextStepDueDate: undefined,
      subject: '',
    };
    const { reply } = await command(deps, call, {
      request,
      requestType: StartServiceRequest,
      replyType: StartServiceResponse,
      async work(tx) {
        await tx.query('SELECT customer.open_presented($1, $2, $3)', [how.kind, indexes, customerId]);
        await requireCustomer(tx, customerId);
        const row = await saveInteraction(tx, { interactionId: newId(), customerId, staffId, now }, service);
        const customer = `customers/${customerId}`;
        const interaction = interactionOf(row, customer);
        const facts = {
          resource: interaction.name,
          reason: how.kind,
          queryHash: hash,
          newValueHash: interactionHash(deps, interaction),
          fields: writtenFields(service),
        };
        await recordAct(tx, actOn(customerId, call, deps, now, facts));
        return { reply: { customer, interaction }, recorded: true };
      },
    });
    return reply;
  };

async function findPresented(tx: Tx, kind: string, indexes: readonly Buffer[]): Promise<string[]> {
  const { rows } = await tx.query<{ customer_id: string }>('SELECT customer.find_presented($1, $2) AS customer_id', [
    kind,
    indexes,
  ]);
  return rows.map(({ customer_id }) => customer_id);
}

/**
 * The same answer for nobody and for a restricted customer: it depends on the number alone. One with a wrong check character was
 * mistyped, unless core banking has it so, and then it would have been found.
 */
function nobodyBy(kind: string, value: string): AppError {
  const { form, checkHolds } = readResidentId(value);
  if (kind === 'id-number' && form === 'STANDARD' && !checkHolds)
    return invalid('value', 'has a wrong check character: type the number again', Reason.idCheckDigit);
  return notFound();
}
