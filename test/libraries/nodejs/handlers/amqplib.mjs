import { connect } from 'amqplib';

export const handler = async () => connect('amqp://127.0.0.1:1').catch(({ code }) => code);
