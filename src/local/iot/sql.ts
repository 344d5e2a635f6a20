// Statements of rules, with the functions that the local AWS has, and IoT's error.
import { parseIotExpression, parseIotSql, type Statement } from '../../cfn/iot-sql.ts';
import { IotSqlError } from '../../cfn/iot-sql-tokens.ts';
import type { Expression } from '../../cfn/iot-sql-values.ts';
import { AwsError } from '../cloud.ts';
import { functions } from './sql-functions.ts';

export function parseStatement(sql: string): Statement {
  return withIotError(() => parseIotSql(sql, functions));
}

export function parseExpression(text: string): Expression {
  return withIotError(() => parseIotExpression(text, functions));
}

function withIotError<T>(parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    if (error instanceof IotSqlError) throw new AwsError('SqlParseException', error.message, 400);
    throw error;
  }
}
