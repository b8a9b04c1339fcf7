import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { simpleParser } from 'mailparser';
import { SMTPServer } from 'smtp-server';

export type Mail = { id: number; receiveTime: string; from: string; to: string[]; subject: string; text: string; html: string };
export type MailSink = { stop(): Promise<void> };

const kept = 200;
const maxBytes = 1024 * 1024;

/**
 * Takes every mail on `smtpPort` and shows it on `httpPort`: `GET /messages` (newest first, `?to=` narrows to one recipient),
 * `DELETE /messages` forgets them. Keeps the newest 200, in memory only.
 */
export async function startMailSink(options: { smtpPort: number; httpPort: number }): Promise<MailSink> {
  let mails: Mail[] = [];
  let nextId = 1;
  const smtp = new SMTPServer({
    disabledCommands: ['AUTH', 'STARTTLS'],
    size: maxBytes,
    onData(stream, session, done) {
      simpleParser(stream).then(
        (mail) => {
          const to = session.envelope.rcptTo.map((recipient) => recipient.address);
          mails.unshift({
            id: nextId,
            receiveTime: new Date().toISOString(),
            from: mail.from?.value[0]?.address ?? '',
            to,
            subject: mail.subject ?? '',
            text: mail.text ?? '',
            html: mail.html || '',
          });
          nextId += 1;
          mails = mails.slice(0, kept);
          done(stream.sizeExceeded ? Object.assign(new Error('message too large'), { responseCode: 552 }) : null);
        },
        (error: Error) => done(error),
      );
    },
  });
  // A client that hangs up mid-way is its own affair.
  smtp.on('error', () => undefined);
  const http = createServer((req, res) => {
    const url = new URL(req.url ?? '/', 'http://localhost');
    const reply = (status: number, body: unknown) => {
      res.writeHead(status, { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store' });
      res.end(JSON.stringify(body));
    };
    if (url.pathname !== '/messages') return reply(404, { title: 'Not found. Try GET /messages' });
    if (req.method === 'DELETE') {
      mails = [];
      return reply(200, { messages: mails });
    }
    const to = url.searchParams.get('to');
    return reply(200, { messages: to === null ? mails : mails.filter((mail) => mail.to.includes(to)) });
  });
  await listen(smtp.server, options.smtpPort);
  try {
    await listen(http, options.httpPort);
  } catch (error) {
    smtp.close();
    throw error;
  }
  return {
    stop: async () => {
      http.closeAllConnections();
      await Promise.all([
        new Promise<void>((resolve) => http.close(() => resolve())),
        new Promise<void>((resolve) => smtp.close(() => resolve())),
      ]);
    },
  };
}

type Listener = {
  listen(options: { port: number; host: string }, done: () => void): unknown;
  once(event: 'error', done: (error: Error) => void): unknown;
  address(): AddressInfo | string | null;
};

function listen(server: Listener, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ port, host: '127.0.0.1' }, resolve);
  });
}
