import type { ExportFormat } from './export-lines.ts';

/** What is signed about an export. */
export interface ExportStatement {
  /** What this is, and the form of the lines. */
  export: 'bankcrm audit export v1';
  format: ExportFormat;
  /** `auditEntries/{uuid}` of the entry that records the export. */
  record: string;
  /** What was asked, why, by `staff/{uuid}`, and when. */
  filter: string;
  reason: string;
  actor: string;
  time: string;
  entryCount: number;
  /** SHA-256, in hexadecimal digits, of all that stands before the last line. */
  sha256: string;
  /** Number of the newest anchored head, 0 before the first, and when it was signed: entries that came later are not in the export. */
  head: string;
  until: string;
  /** That head as it is anchored: an encoded `SignedHead`, in Base64. */
  signedHead: string;
}

/** The last line of an export. */
export interface Trailer {
  statement: ExportStatement;
  /** The text of the statement as it stands there: what is signed. */
  text: string;
  keyVersion: number;
  signature: Buffer;
}

const context = 'bankcrm audit export v1\0';

/** The bytes that are signed of a statement: never taken for anything else that the key may sign. */
export const signedExport = (text: string): Buffer => Buffer.from(context + text);

const csvMark = '# proof: ';

/** The last line, with its end. In CSV it is one cell without commas and quotes: the line of the other format in Base64. */
export function trailerLine(format: ExportFormat, { text, keyVersion, signature }: Omit<Trailer, 'statement'>): string {
  const proof = `{"proof":${text},"keyVersion":${keyVersion},"signature":"${signature.toString('base64')}"}`;
  return format === 'CSV' ? `${csvMark}${Buffer.from(proof).toString('base64')}\r\n` : `${proof}\n`;
}

const shape = /^\{"proof":(\{.*\}),"keyVersion":(\d{1,9}),"signature":"([A-Za-z0-9+/=]+)"\}$/s;

/** Reads a last line without its end; undefined for one that is no proof. */
export function readTrailer(line: string): Trailer | undefined {
  const proof = line.startsWith(csvMark) ? Buffer.from(line.slice(csvMark.length), 'base64').toString() : line;
  const [, text, keyVersion, signature] = shape.exec(proof) ?? [];
  if (text === undefined) return undefined;
  try {
    const statement = JSON.parse(text) as ExportStatement;
    return { statement, text, keyVersion: Number(keyVersion), signature: Buffer.from(signature!, 'base64') };
  } catch {
    return undefined;
  }
}
