import { StackProblem } from './problem.ts';

/** Fills in each `${NAME}` of a text. Throws for a name without a value; `where` says in the message where it stands. */
export const fillPlaceholders = (text: string, values: Readonly<Record<string, string>>, where: string): string =>
  text.replaceAll(/\$\{([A-Z_]+)\}/g, (_whole, name: string) => {
    const value = values[name];
    if (value === undefined) throw new StackProblem(`${where} names \${${name}}, which nobody fills in.`);
    return value;
  });
