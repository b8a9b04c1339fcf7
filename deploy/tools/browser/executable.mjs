// Unpacks Chromium into the directory for temporary files and says where it is. A process of its own, as the package looks for that directory when it is loaded.
import chromium from '@sparticuz/chromium';

console.log(await chromium.executablePath());
