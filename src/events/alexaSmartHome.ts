// `alexaSmartHome`: directives of an Alexa smart home skill.
import { alexaSource } from './_alexa.ts';

export const alexaSmartHome = alexaSource({
  kind: 'alexaSmartHome',
  principal: 'alexa-connectedhome.amazon.com',
  part: 'AlexaSmartHome',
  regions: ['us-east-1', 'us-west-2', 'eu-west-1'],
  docs: {
    summary: 'Calls the function with the directives of an Alexa smart home skill.',
    example: 'alexaSmartHome: amzn1.ask.skill.1a2b3c4d-5e6f-7a8b-9c0d-1e2f3a4b5c6d',
    aws: 'https://docs.aws.amazon.com/lambda/latest/dg/services-alexa.html',
  },
});
