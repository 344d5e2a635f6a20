import { Logger } from '@aws-lambda-powertools/logger';

const logger = new Logger({ serviceName: 'logger' });
export const handler = async () => {
  logger.info('hi');
  return logger.getPersistentLogAttributes().service ?? 'logger';
};
