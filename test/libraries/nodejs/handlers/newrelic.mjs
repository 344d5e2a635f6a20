import newrelic from 'newrelic';

export const handler = async () => typeof newrelic.setTransactionName;
