import pretty, { build } from 'pino-pretty';

export const handler = async () => {
  const format = pretty.prettyFactory({ colorize: false });
  void build;
  return format({ level: 30, msg: 'hi' }).trim();
};
