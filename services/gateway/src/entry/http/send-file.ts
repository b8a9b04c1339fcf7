import { Transform } from 'node:stream';
import { HttpBody } from '@bankcrm/proto/gen/google/api/httpbody.ts';
import { asAppError, type Log, type StreamedReply } from '@bankcrm/service';
import { context } from '@opentelemetry/api';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { fileHeaders } from '../../domain/file-headers.ts';

/**
 * Sends a stream of google.api.HttpBody as it comes, no faster than its reader reads; the call's own signal gives it up when the reader goes. The first
 * message says what it is; what fails after it cuts the connection, so that nobody takes a part for the whole. Throws INTERNAL where the first message makes no headers.
 */
export function sendFile(request: FastifyRequest, reply: FastifyReply, streamed: StreamedReply, log: Log): FastifyReply {
  const { fileName, first, rest } = streamed;
  try {
    reply.headers(fileHeaders(HttpBody.decode(first).contentType, fileName));
  } catch (error) {
    rest.destroy();
    throw error;
  }
  const cut = (thrown: unknown): void => {
    // The call that is given up fails, too.
    if (reply.raw.destroyed) return;
    const { state } = request;
    state.cut = asAppError(thrown);
    context.with(state.context, () => log.error({ operation: state.operation, err: state.cut }, 'file cut off'));
    reply.raw.destroy();
  };
  const body = dataOfMessages();
  rest.once('error', cut);
  body.once('error', cut);
  // It may have failed with the first message.
  if (rest.errored) cut(rest.errored);
  body.write(first);
  rest.pipe(body);
  return reply.send(body);
}

/** Takes encoded messages, gives the data in them. */
const dataOfMessages = (): Transform =>
  new Transform({
    writableObjectMode: true,
    writableHighWaterMark: 1,
    transform(message: Buffer, _encoding, done) {
      let data: Buffer;
      try {
        ({ data } = HttpBody.decode(message));
      } catch (error) {
        done(error as Error);
        return;
      }
      done(null, data);
    },
  });
