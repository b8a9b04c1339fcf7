/** SQLSTATE classes 08, 53 and 57P, and what sockets say: the server cannot be reached, or not now. */
const codes = /^(08...|53...|57P..|ECONNREFUSED|ECONNRESET|EPIPE|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|EHOSTUNREACH)$/;
/** pg and pg-pool give no codes of their own: of a broken connection, of one that was not made in time, of an answer that does not come. */
const texts =
  /^(Connection terminated|Client .* is not queryable|timeout e(xpired|xceeded when trying to connect)|Query read timeout)/;

/** The connection or the server failed, not the statement: the same work may well succeed later. */
export const isConnectionFailure = (error: unknown): boolean =>
  error instanceof Error && (codes.test(String((error as { code?: unknown }).code)) || texts.test(error.message));
