/** The same as npm start, with services that start anew when their files change: npm run dev */
import { run } from './run.ts';

await run({ watch: true });
