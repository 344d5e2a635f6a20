import xray from 'aws-xray-sdk';

xray.setContextMissingStrategy('IGNORE_ERROR');
export const handler = async () => new xray.Segment('x').name;
