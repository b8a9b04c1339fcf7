import { headerText, maxValueBytes, type RawMessage, sourceSystemOf } from '@bankcrm/events';
import { type Contract, jsonType, type Named, protobufType } from './contract.ts';
import { ContractReader } from './contract-reader.ts';
import { checkSourceSystem } from './domain/problem.ts';

/**
 * The source system that a message is of: as its value says, for a producer may call itself in `ce_source` what it likes; by that header
 * where the value cannot be read or names none. Empty where neither does. `contractOf` is as with {@link decoder}.
 */
export const sourceReader =
  (contractOf: (raw: RawMessage) => Pick<Contract<Named>, 'read'> | undefined) =>
  (raw: RawMessage): string => {
    const said = saidSource(raw, contractOf);
    return said !== undefined && checkSourceSystem(said) === undefined ? said : sourceSystemOf(raw);
  };

function saidSource(raw: RawMessage, contractOf: Parameters<typeof sourceReader>[0]): string | undefined {
  if (raw.value === null || raw.value.length > maxValueBytes) return undefined;
  const contentType = headerText(raw, 'content-type')?.toLowerCase() ?? '';
  try {
    let value: unknown;
    if (contentType.startsWith(jsonType)) value = JSON.parse(raw.value.toString());
    else if (contentType.startsWith(protobufType)) value = contractOf(raw)?.read(new ContractReader(raw.value));
    const { sourceSystem, source_system } = (value ?? {}) as Record<string, unknown>;
    const name = sourceSystem ?? source_system;
    return typeof name === 'string' ? name : undefined;
  } catch {
    return undefined;
  }
}
