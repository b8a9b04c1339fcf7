/** Does what a command is for, by its arguments and the environment. Gives the exit code: 0 when all is well, 1 when something was found, 2 for a wrong call. */
export type Command = (args: readonly string[]) => Promise<number>;
