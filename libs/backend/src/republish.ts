/** Has a service publish all its newest states again, as the worker of DATABASE_URL_WORKER: node libs/backend/src/republish.ts <service> [feed] */
import { republishStates } from '@bankcrm/events';
import { errorText } from '@bankcrm/service';
import { databaseUrlOf, serviceFolder } from './command-line.ts';

try {
  serviceFolder(process.argv[2] ?? '');
  const feeds = await republishStates(databaseUrlOf('DATABASE_URL_WORKER'), process.argv[3]);
  console.log(`The service publishes all states of ${feeds.join(', ')} again; its log says when all are marked.`);
} catch (error) {
  console.error(`not published again: ${errorText(error)}`);
  process.exitCode = 1;
}
