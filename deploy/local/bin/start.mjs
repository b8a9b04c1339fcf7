// npm start: the first file run on a fresh clone.
import { handOver, prepare } from './prepare.mjs';

prepare();
handOver('deploy/local/src/start.ts', process.argv.slice(2));
