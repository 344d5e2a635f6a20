// Whether a JSONata expression can be read. A file of its own: only projects with state machines load the library.
import jsonata from 'jsonata';

export function expressionProblem(expression: string): string | undefined {
  try {
    jsonata(expression);
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}
