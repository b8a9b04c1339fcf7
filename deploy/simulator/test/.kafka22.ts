import { startServers } from '@bankcrm/local';

const s = await startServers({ dir: '/tmp/sim-kafka', portBase: 22000, parts: ['kafka'], onProgress: console.log });
console.log(s.kafka.brokers.join());
process.once('SIGTERM', () => void s.stop().then(() => process.exit(0)));
setInterval(() => {}, 1000);
