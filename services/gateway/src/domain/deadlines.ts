/** How long the gateway waits for an operation. */
export const defaultDeadlineMs = 5_000;

/** Operations that work through many things, or talk to the sign-in service, before they answer. */
const longer: ReadonlyMap<string, number> = new Map([
  ['bankcrm.customer.v1.CoreBankingSync/ReplayDeadLetters', 60_000],
  ['bankcrm.customer.v1.CoreBankingSync/DiscardDeadLetters', 60_000],
  ['bankcrm.customer.v1.CoreBankingSync/RequestResync', 15_000],
  ['bankcrm.directory.v1.Staff/CreateStaff', 15_000],
  ['bankcrm.directory.v1.Staff/UnlockStaff', 15_000],
  ['bankcrm.directory.v1.Staff/SendPasswordReset', 15_000],
]);

export const deadlineMsOf = (operation: string): number => longer.get(operation) ?? defaultDeadlineMs;
export const operationsWithLongerDeadline: readonly string[] = [...longer.keys()];
