// Samples of `iot`, `alexa` and `alexaSmartHome`.
import type { Sample } from './_sample.ts';

export const iot: Sample = {
  about: 'what the SQL of a rule selects of a message',
  aws: 'https://docs.aws.amazon.com/iot/latest/developerguide/lambda-rule-action.html',
  event: { temperature: 21.5, device: 'kitchen' },
};

export const alexa: Sample = {
  about: 'a launch of an Alexa skill',
  aws: 'https://docs.aws.amazon.com/lambda/latest/dg/lambda-services.html',
  event: {
    version: '1.0',
    session: {
      new: true,
      sessionId: 'amzn1.echo-api.session.0000',
      application: { applicationId: 'amzn1.ask.skill.0a1b2c3d-0000-4000-8000-000000000000' },
      attributes: {},
      user: { userId: 'amzn1.ask.account.EXAMPLE' },
    },
    context: {
      System: {
        application: { applicationId: 'amzn1.ask.skill.0a1b2c3d-0000-4000-8000-000000000000' },
        user: { userId: 'amzn1.ask.account.EXAMPLE' },
        device: { deviceId: 'amzn1.ask.device.EXAMPLE', supportedInterfaces: {} },
        apiEndpoint: 'https://api.amazonalexa.com',
      },
    },
    request: {
      type: 'LaunchRequest',
      requestId: 'amzn1.echo-api.request.0000',
      timestamp: '2026-11-29T09:53:20Z',
      locale: 'en-US',
    },
  },
};

export const alexaSmartHome: Sample = {
  about: 'a discovery of the devices of a smart home skill',
  aws: 'https://docs.aws.amazon.com/lambda/latest/dg/lambda-services.html',
  event: {
    directive: {
      header: {
        namespace: 'Alexa.Discovery',
        name: 'Discover',
        payloadVersion: '3',
        messageId: '1bd5d003-31b9-476f-ad03-71d471922820',
      },
      payload: { scope: { type: 'BearerToken', token: 'access-token-from-skill' } },
    },
  },
};
