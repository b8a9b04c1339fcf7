import { randomBytes } from 'node:crypto';
import type { Duplex } from 'node:stream';
import { AppError, invalid } from '@bankcrm/kernel';
import { reasonTexts } from '../../app/reasons.ts';
import { problemOf } from '../../domain/problem.ts';
import { headLimitBytes } from './limits.ts';

/** Answers what Node's HTTP parser refuses, for which there is no request: a head too long, too slow, or no HTTP at all, and tunnels. */
export function answerClientError(error: Error & { code?: string }, socket: Duplex): void {
  if (!socket.writable || error.code === 'ECONNRESET') {
    socket.destroy();
    return;
  }
  const problem = problemOf(refusalOf(error.code), 'en', randomBytes(16).toString('hex'), reasonTexts);
  const body = JSON.stringify(problem);
  socket.end(
    [
      `HTTP/1.1 ${problem.status} ${problem.title}`,
      'Content-Type: application/problem+json',
      `Content-Length: ${Buffer.byteLength(body)}`,
      'Cache-Control: no-store',
      'Connection: close',
      `X-Trace-Id: ${problem.trace_id}`,
      '',
      body,
    ].join('\r\n'),
  );
}

function refusalOf(code: string | undefined): AppError {
  if (code === 'HPE_HEADER_OVERFLOW')
    return invalid('address and headers', `must be at most ${headLimitBytes} bytes long together`, 'REQUEST_HEAD_TOO_LARGE');
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return new AppError('INVALID', 'REQUEST_TOO_SLOW');
  return new AppError('INVALID', 'MALFORMED_REQUEST');
}
