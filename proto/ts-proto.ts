import { createRequire } from 'node:module';

/**
 * ts-proto as a plugin of buf, but for what its `toTimestamp` makes of times before 1970: it cuts towards zero, and the nanos of a
 * google.protobuf.Timestamp count forward from its seconds and are never negative.
 */
interface Main {
  generateFile: (context: unknown, file: unknown) => [path: string, code: { toString(options: unknown): string }];
}

const require = createRequire(import.meta.url);
const main = require('ts-proto/build/src/main.js') as Main;
const { generateFile } = main;
main.generateFile = (context, file) => {
  const [path, code] = generateFile(context, file);
  return [path, { toString: (options) => flooring(code.toString(options)) }];
};

const cutting = [
  ['Math.trunc(date.getTime() / 1_000)', 'Math.floor(date.getTime() / 1_000)'],
  ['(date.getTime() % 1_000) * 1_000_000', 'date.getUTCMilliseconds() * 1_000_000'],
] as const;

function flooring(text: string): string {
  if (!text.includes('function toTimestamp')) return text;
  return cutting.reduce((changed, [cut, floored]) => {
    if (!changed.includes(cut)) throw new Error(`ts-proto no longer writes ${cut}`);
    return changed.replace(cut, floored);
  }, text);
}

require('ts-proto/build/src/plugin.js');
