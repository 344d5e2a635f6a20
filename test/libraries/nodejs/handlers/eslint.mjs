import { Linter } from 'eslint';
export const handler = async () => new Linter().verify('var a', { rules: { 'no-var': 2 } }).map((m) => m.ruleId);
