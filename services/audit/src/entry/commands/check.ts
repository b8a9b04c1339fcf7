import { runCheck } from '../../check-proof.ts';
import type { Command } from './command.ts';

/** Checks a proof with public keys alone: check <file> --public-key <pem file>. No database, no network, no environment. */
export const check: Command = async (args) => runCheck(args);
