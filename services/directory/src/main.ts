// First: telemetry instruments what is loaded after it.
import '@bankcrm/service/telemetry';

import { systemClock } from '@bankcrm/kernel';
import { Lifecycle, openLog } from '@bankcrm/service';
import { flushTelemetry, prometheus } from '@bankcrm/service/telemetry';
import { readConfig } from './config.ts';
import { startDirectory } from './service.ts';

const config = readConfig(process.env);
const log = openLog('directory', config.LOG_LEVEL);
const lifecycle = new Lifecycle(log);
await lifecycle.start(() => startDirectory({ config, clock: systemClock, log, lifecycle, metrics: prometheus }));
lifecycle.onStop('telemetry', 5_000, flushTelemetry);
