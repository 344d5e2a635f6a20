import soap from 'soap';

export const handler = async () => soap.createClientAsync('http://127.0.0.1:1/x?wsdl').catch(({ code }) => code);
