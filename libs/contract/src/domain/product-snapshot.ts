import type { ProductSnapshot } from '@bankcrm/proto/gen/corebanking/v1/products.ts';
import { accountKinds } from './account-snapshot.ts';
import { cleanText } from './clean-text.ts';
import { bankCode, capitalCode, smallCode } from './codes.ts';
import { isBefore, type Tidied } from './flags.ts';
import { type Check, checkId, checkSourceSystem, checkTime, checkVersion, invalidField } from './problem.ts';
import { maxNameLength, Tidying } from './tidying.ts';

/** Why a product cannot be kept; undefined when it can. Only what says which one it is, in which version, and a missing name refuses it. */
export function problemOfProduct(snapshot: ProductSnapshot): Check {
  const hasName = [snapshot.displayNameZh, snapshot.displayNameEn].some((name) => cleanText(name) !== '');
  return (
    checkSourceSystem(snapshot.sourceSystem) ??
    checkId(snapshot.productCode, 'product_code') ??
    // As accounts name it.
    checkId(bankCode(snapshot.productCode), 'product_code') ??
    checkVersion(snapshot.version) ??
    checkTime(snapshot.updateTime, 'update_time') ??
    (hasName ? undefined : invalidField('display_name_zh'))
  );
}

/** A checked snapshot as it is shown: its code as accounts name it, texts clean and cut, and empty what cannot be. */
export function tidyProduct(received: ProductSnapshot): Tidied<ProductSnapshot> {
  const tidy = new Tidying();
  const snapshot: ProductSnapshot = {
    ...received,
    productCode: bankCode(received.productCode),
    line: tidy.code(received.line, smallCode),
    kind: tidy.oneOf(received.kind, 1, accountKinds.length, 0),
    displayNameZh: tidy.text(received.displayNameZh, maxNameLength),
    displayNameEn: tidy.text(received.displayNameEn, maxNameLength),
    riskLevel: tidy.code(received.riskLevel, capitalCode),
    saleStartDate: tidy.date(received.saleStartDate),
    saleEndDate: tidy.date(received.saleEndDate),
  };
  tidy.flag('DATE_IMPLAUSIBLE', isBefore(snapshot.saleEndDate, snapshot.saleStartDate));
  return { snapshot, oddities: tidy.oddities.sort() };
}
