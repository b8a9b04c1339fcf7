import { Readable } from 'node:stream';
import { AppError } from '@bankcrm/kernel';
import type { Client, Metadata, ServiceError } from '@grpc/grpc-js';
import { SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { cancelWith, encodedReply, encodedRequest, onceOrAgain } from './grpc-attempts.ts';
import { type CallOptions, callMetadata } from './grpc-client.ts';
import { fromServiceError } from './grpc-errors.ts';

/** The answer of a streaming method, encoded. */
export interface StreamedReply {
  /** Of the file that the messages make, as the service named it (`Call.nameFile`). */
  fileName: string | undefined;
  first: Buffer;
  /** The messages after it. Fails with the AppError that the service threw; destroyed, it gives the call up. */
  rest: Readable;
}

const tracer = trace.getTracer('bankcrm');

/**
 * Calls a method that answers with a stream, and gives the answer when its first message is there. The rest comes as fast as it is read: what waits here
 * are at most 17 messages and one window of HTTP/2. The deadline is that of the whole stream; a safe call is repeated until its first message, as a
 * unary one is. Throws the AppError that the service threw before it, INTERNAL `EMPTY_STREAM` where there is none.
 */
export function callStreaming(channel: Client, path: string, request: Uint8Array, options: CallOptions): Promise<StreamedReply> {
  const deadline = new Date(Date.now() + options.deadlineMs);
  return tracer.startActiveSpan(path.slice(1), { kind: SpanKind.CLIENT }, async (span) => {
    const failed = ({ reason }: AppError): unknown => span.setStatus({ code: SpanStatusCode.ERROR, message: reason });
    try {
      const reply = await onceOrAgain(channel, options, deadline, () => open(channel, path, request, options, deadline));
      // The stream outlives this function, and its span with it.
      reply.rest.once('error', failed).once('close', () => span.end());
      return reply;
    } catch (error) {
      failed(error as AppError);
      span.end();
      throw error;
    }
  });
}

function open(channel: Client, path: string, request: Uint8Array, options: CallOptions, deadline: Date): Promise<StreamedReply> {
  const metadata = callMetadata(options);
  const call = channel.makeServerStreamRequest(path, encodedRequest, encodedReply, request, metadata, { deadline });
  cancelWith(options.signal, call);
  const rest = new Readable({
    objectMode: true,
    highWaterMark: 1,
    read: () => void call.resume(),
    destroy: (error, done) => {
      call.cancel();
      done(error);
    },
  });
  // It may fail before anybody has begun to read.
  rest.on('error', () => {});
  return new Promise((resolve, reject) => {
    let fileName: string | undefined;
    call.once('metadata', (initial: Metadata) => {
      fileName = initial.get('x-file-name')[0]?.toString();
    });
    call.once('data', (first: Buffer) => {
      call.pause();
      call.on('data', (message: Buffer) => {
        if (!rest.push(message)) call.pause();
      });
      resolve({ fileName, first, rest });
    });
    call.on('error', (error: ServiceError) => {
      const typed = fromServiceError(error);
      rest.destroy(typed);
      reject(typed);
    });
    call.once('end', () => {
      rest.push(null);
      reject(new AppError('INTERNAL', 'EMPTY_STREAM'));
    });
  });
}
