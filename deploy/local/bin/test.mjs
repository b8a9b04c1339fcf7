// npm test: all tests, or what the arguments name.
import { handOver, prepare } from './prepare.mjs';

prepare();
handOver('deploy/test/src/main.ts', process.argv.slice(2));
