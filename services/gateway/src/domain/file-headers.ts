import { AppError } from '@bankcrm/kernel';

/** `text/csv; charset=utf-8`: RFC 9110 §8.3.1, by its characters. */
const typePattern = /^[\w.+-]+\/[\w.+-]+(?:; ?[\w-]+=[\w.+-]+)*$/;
/** In quotes it needs no escape, and no file system takes it for a path or hides it. */
const namePattern = /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/;

/**
 * The headers of a file: always to be saved, never shown. Throws INTERNAL where the service names no content type, or one or a file name that cannot
 * stand in a header.
 */
export function fileHeaders(contentType: string, fileName: string | undefined): Record<string, string> {
  if (!typePattern.test(contentType)) throw new AppError('INTERNAL', 'BAD_CONTENT_TYPE');
  if (fileName !== undefined && !namePattern.test(fileName)) throw new AppError('INTERNAL', 'BAD_FILE_NAME');
  const name = fileName === undefined ? '' : `; filename="${fileName}"`;
  return { 'content-type': contentType, 'content-disposition': `attachment${name}` };
}
