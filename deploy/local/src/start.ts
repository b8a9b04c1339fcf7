/** The native local stack, from servers to demo data: npm start [-- --fresh] [-- --no-demo] */
import { run } from './run.ts';

await run({ watch: false });
