/** Starts a stack, says so, and holds it until it is told to stop: a starter that a test can kill. Arguments: directory, port base, parts. */
import { type ServerPart, startServers } from '../src/index.ts';

const [dir = '', portBase = '', parts = ''] = process.argv.slice(2);
const stack = await startServers({ dir, portBase: Number(portBase), parts: parts.split(',') as ServerPart[] });
process.on('SIGTERM', () => void stack.stop().then(() => process.exit(0)));
process.send?.('up');
