// npm test: all tests, or what the arguments name; they go to vitest.
import { handOver, prepare } from './prepare.mjs';

prepare();
handOver('node_modules/vitest/vitest.mjs', ['run', ...process.argv.slice(2)]);
