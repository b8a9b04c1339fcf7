type Write = (fields: Record<string, unknown>, message: string) => void;
/** What this library needs of a pino logger. */
export interface Log {
  info: Write;
  warn: Write;
  error: Write;
}
