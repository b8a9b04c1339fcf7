import { Agent, request } from 'node:https';

export interface Reply {
  status: number;
  // biome-ignore lint/suspicious/noExplicitAny: what a reply holds is its reader's to know.
  body: any;
}

export interface Request {
  method?: 'GET' | 'POST' | 'PUT';
  token?: string;
  body?: unknown;
  headers?: Record<string, string>;
}

/** The gateway of the installation, spoken to by HTTPS and believed by the installation's CA. */
export interface Gateway {
  /** Throws where no whole answer comes within 15 s. */
  ask(path: string, request?: Request): Promise<Reply>;
  close(): void;
}

const answerMs = 15_000;

/** `address` is host:port; `name` stands in the certificate. */
export function openGateway({ address, name, ca }: { address: string; name: string; ca: string }): Gateway {
  const [host, port] = address.split(':') as [string, string];
  const agent = new Agent({ keepAlive: true, maxSockets: 64, ca, servername: name });
  return {
    ask: (path, { method = 'GET', token, body, headers = {} } = {}) =>
      new Promise((resolve, reject) => {
        const text = body === undefined ? undefined : JSON.stringify(body);
        const sent = request(
          {
            ...{ host, port, path, method, agent, timeout: answerMs },
            headers: {
              host: name,
              ...(token ? { authorization: `Bearer ${token}` } : {}),
              ...(text === undefined ? {} : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) }),
              ...headers,
            },
          },
          (response) => {
            let received = '';
            response.setEncoding('utf8').on('data', (part) => (received += part));
            response.once('end', () => resolve({ status: response.statusCode!, body: parsed(received) }));
            response.once('error', reject);
          },
        );
        sent.once('timeout', () => sent.destroy(new Error(`${method} ${path}: no answer within ${answerMs / 1000} s`)));
        sent.once('error', reject);
        sent.end(text);
      }),
    close: () => agent.destroy(),
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
