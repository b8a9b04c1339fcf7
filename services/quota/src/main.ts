// First: telemetry instruments what is loaded after it.
import '@bankcrm/service/telemetry';

import { runBackend } from '@bankcrm/backend/run';
import { quota } from './service.ts';

await runBackend(quota);
