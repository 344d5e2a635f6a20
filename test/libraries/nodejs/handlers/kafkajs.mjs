import { Kafka, logLevel } from 'kafkajs';

const kafka = new Kafka({ brokers: ['127.0.0.1:1'], logLevel: logLevel.NOTHING, retry: { retries: 0 } });
export const handler = async () =>
  kafka
    .admin()
    .connect()
    .catch(({ name }) => name);
