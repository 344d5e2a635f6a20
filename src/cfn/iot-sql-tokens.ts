// The words and signs of a statement in IoT's SQL.

/** A statement that IoT refuses. */
export class IotSqlError extends Error {}

export interface Token {
  /** `quoted` is a name in backticks, `text` a literal. */
  readonly kind: 'word' | 'quoted' | 'text' | 'number' | 'sign';
  readonly text: string;
}

const pattern =
  /\s*(?:(?<word>[A-Za-z_$][\w$]*)|`(?<quoted>[^`]+)`|'(?<single>(?:[^']|'')*)'|"(?<double>(?:[^"]|"")*)"|(?<number>\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)|(?<sign><>|!=|<=|>=|[-+*/%=<>().,[\]]))/y;

export function tokensOf(sql: string): readonly Token[] {
  const tokens: Token[] = [];
  pattern.lastIndex = 0;
  const end = sql.trimEnd().length;
  while (pattern.lastIndex < end) {
    const at = pattern.lastIndex;
    const { word, quoted, single, double, number, sign } = pattern.exec(sql)?.groups ?? {};
    if (word !== undefined) tokens.push({ kind: 'word', text: word });
    else if (quoted !== undefined) tokens.push({ kind: 'quoted', text: quoted });
    else if (single !== undefined) tokens.push({ kind: 'text', text: single.replaceAll("''", "'") });
    else if (double !== undefined) tokens.push({ kind: 'text', text: double.replaceAll('""', '"') });
    else if (number !== undefined) tokens.push({ kind: 'number', text: number });
    else if (sign !== undefined) tokens.push({ kind: 'sign', text: sign });
    else throw new IotSqlError(`Unexpected characters at ${JSON.stringify(sql.slice(at, at + 20))}`);
  }
  return tokens;
}
