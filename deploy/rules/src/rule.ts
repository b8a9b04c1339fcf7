/**
 * A rule of the repository as a function over a tree: its root folder in, a line for each thing that breaks the rule out. The tests call each on this tree,
 * and on copies of it in which something is wrong.
 */
export type Rule = (root: string) => string[] | Promise<string[]>;
export type Rules = Readonly<Record<string, Rule>>;
