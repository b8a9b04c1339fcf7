import { writeFileSync } from 'node:fs';
import { readComments } from './comments.ts';
import { documentText, openApiDocument } from './document.ts';

// Writes the committed `openapi.json` from the protos.
writeFileSync(new URL('../../../openapi.json', import.meta.url), documentText(openApiDocument(await readComments())));
