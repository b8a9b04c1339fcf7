import type { Amount } from '@bankcrm/proto/gen/corebanking/v1/common.ts';
import { cleanText, cutText, hasUnseen } from './clean-text.ts';
import { bankCode, readAmount } from './codes.ts';
import { readDate } from './dates.ts';
import type { Flag } from './flags.ts';
import { checkAmount, isSoundTime } from './problem.ts';

/** Most characters of a text that is shown, from the contract. */
export const maxTextLength = 1_000;
export const maxNameLength = 200;
export const maxCodeLength = 64;
/** Most identifiers, contacts, addresses or screening hits of a snapshot, from the contract. */
const maxElements = 200;

/** Puts a snapshot's values right and remembers as flags what was odd about them. */
export class Tidying {
  readonly #flags = new Set<Flag>();

  get oddities(): Flag[] {
    return [...this.#flags];
  }

  flag(flag: Flag, isOdd: boolean): void {
    if (isOdd) this.#flags.add(flag);
  }

  /** A text that is shown: clean, and cut where it is too long. */
  text(value: string, maxLength = maxTextLength): string {
    const clean = this.#clean(value, cleanText);
    const cut = cutText(clean, maxLength);
    this.flag('TEXT_CUT', cut !== clean);
    return cut;
  }

  /** A code that is shown and filtered by: as its list writes it, and cut where it is too long. */
  code(value: string, read = bankCode): string {
    return this.text(this.#clean(value, read), maxCodeLength);
  }

  /** A code or number that something is found by: its beginning would be another one's, so that one too long is left out. */
  key(value: string, maxLength = maxCodeLength, read = cleanText): string {
    const key = this.#clean(value, read);
    const fits = cutText(key, maxLength) === key;
    this.flag('VALUE_LEFT_OUT', !fits);
    return fits ? key : '';
  }

  /** A civil date, empty where there is no such day. */
  date(value: string): string {
    const date = readDate(value);
    this.flag('DATE_INVALID', date === undefined);
    return date ?? '';
  }

  time(value: Date | undefined): Date | undefined {
    const isSound = value === undefined || isSoundTime(value);
    this.flag('DATE_INVALID', !isSound);
    return isSound ? value : undefined;
  }

  /** One of an enum's values from `first` to `last`, and `otherwise` for one forgotten or of a newer contract. */
  oneOf<Value extends number>(value: Value, first: Value, last: Value, otherwise: Value): Value {
    const isKnown = value >= first && value <= last;
    this.flag('UNKNOWN_CODE', !isKnown);
    return isKnown ? value : otherwise;
  }

  /** An amount that nothing is computed from, none where its currency or size cannot be. */
  amount(value: Amount | undefined): Amount | undefined {
    const isSound = checkAmount(value, undefined, '') === undefined;
    this.flag('AMOUNT_INVALID', !isSound);
    return isSound ? readAmount(value) : undefined;
  }

  /** A whole number, the nearest that may be. */
  whole(value: number, least: number, most: number, oddity: Flag): number {
    const whole = Math.min(Math.max(value, least), most);
    this.flag(oddity, whole !== value);
    return whole;
  }

  /** As many as may be. */
  elements<Element>(values: readonly Element[], most = maxElements): readonly Element[] {
    this.flag('VALUE_LEFT_OUT', values.length > most);
    return values.slice(0, most);
  }

  #clean(value: string, read: (text: string) => string): string {
    this.flag('CONTROL_CHARACTERS', hasUnseen(value));
    return read(value);
  }
}
