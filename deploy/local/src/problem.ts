/** Something the person who starts the stack can act on: shown as its message, without a stack trace. */
export class StackProblem extends Error {
  override readonly name = 'StackProblem';
}
