import type { Database as TransactionalDatabase } from '@bankcrm/backend';
import { isConnectionFailure, setCaller, type Tx } from '@bankcrm/database';
import { AppError, unavailable } from '@bankcrm/kernel';
import { PrismaPg } from '@prisma/adapter-pg';
import type pg from 'pg';
import { Prisma, PrismaClient } from '../../prisma/generated/client.ts';

/** One open transaction: Prisma's models, and plain SQL on the same connection for what the shared libraries write. */
export interface DirectoryTx extends Tx {
  db: Prisma.TransactionClient;
}

/** Work lost to a deadlock is done again, at most three times in all. */
export interface Database extends TransactionalDatabase<DirectoryTx> {
  close(): Promise<void>;
}

const attempts = 3;
const waitMs = 2_000;
const longestMs = 10_000;

/** Prisma over a pool of ours: its bounds, its time limits, its role. */
export function openDatabase(pool: pg.Pool): Database {
  const prisma = new PrismaClient({ adapter: new PrismaPg(pool) });
  return {
    async inTransaction(caller, work) {
      for (let attempt = 1; ; attempt += 1) {
        try {
          return await prisma.$transaction(
            async (db) => {
              const tx: DirectoryTx = { db, ...sqlOf(db) };
              await setCaller(tx, caller);
              return work(tx);
            },
            { maxWait: waitMs, timeout: longestMs },
          );
        } catch (error) {
          if (isConflict(error) && attempt < attempts) continue;
          throw typed(error);
        }
      }
    },
    close: () => prisma.$disconnect(),
  };
}

/**
 * What the shared libraries need of a transaction, spoken through Prisma's own: it refuses statements once the transaction
 * has ended, which a borrowed connection would not. `rowCount` counts returned rows.
 */
function sqlOf(db: Prisma.TransactionClient): Tx {
  const query = async (statement: string | { text: string; values?: unknown[] }, values?: unknown[]) => {
    const { text, values: own } = typeof statement === 'string' ? { text: statement, values } : statement;
    const rows = await db.$queryRawUnsafe<unknown[]>(text, ...(own ?? []));
    return { rows, rowCount: rows.length };
  };
  return { query } as unknown as Tx;
}

/** What the driver adapter knows of a PostgreSQL error: its SQLSTATE or its name for the class. */
interface DriverFacts {
  originalCode?: string;
  kind?: string;
}

/** Of Prisma's codes (prisma.io/docs/orm/reference/error-reference): cannot reach, timed out, closed, pool timeout, lost transaction. */
const unreachable = new Set(['P1001', 'P1002', 'P1008', 'P1017', 'P2024', 'P2028']);
const unreachableKinds = new Set(['DatabaseNotReachable', 'ConnectionClosed', 'SocketTimeout', 'TooManyConnections']);

function driverFacts(error: unknown): DriverFacts {
  const meta = (error as { meta?: { driverAdapterError?: { cause?: DriverFacts } } } | null)?.meta;
  const cause = meta?.driverAdapterError?.cause ?? (error as { cause?: DriverFacts } | null)?.cause;
  return cause ?? {};
}

const isConflict = (error: unknown): boolean =>
  (error as { code?: unknown } | null)?.code === 'P2034' || driverFacts(error).kind === 'TransactionWriteConflict';

/** The columns or the name of the unique constraint that a statement ran against; undefined for any other error. */
export function violatedUnique(error: unknown): string | undefined {
  if (!(error instanceof Prisma.PrismaClientKnownRequestError) || error.code !== 'P2002') return undefined;
  const { constraint } = driverFacts(error) as { constraint?: { index?: string; fields?: string[] } };
  return constraint?.index ?? constraint?.fields?.join(',') ?? '';
}

/** A row that the statement refers to does not exist. */
export const isMissingReference = (error: unknown): boolean =>
  error instanceof Prisma.PrismaClientKnownRequestError && error.code === 'P2003';

function typed(error: unknown): unknown {
  if (error instanceof AppError) return error;
  const code = String((error as { code?: unknown } | null)?.code ?? '');
  const { originalCode = '', kind = '' } = driverFacts(error);
  if (unreachable.has(code) || unreachableKinds.has(kind) || /^(08|53|57P)/.test(originalCode) || isConnectionFailure(error))
    return unavailable('DATABASE_UNREACHABLE', error);
  if (originalCode === '57014') return new AppError('DEADLINE', 'STATEMENT_TOO_LONG', { cause: error });
  return error;
}
