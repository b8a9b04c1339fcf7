/** Something the person who runs a command can act on: shown as its message, without a stack trace. */
export class Problem extends Error {
  override readonly name = 'Problem';
}
