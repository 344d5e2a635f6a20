// `alexa`: requests of a custom Alexa skill.
import { alexaSource } from './_alexa.ts';

export const alexa = alexaSource({
  kind: 'alexa',
  principal: 'alexa-appkit.amazon.com',
  part: 'Alexa',
  regions: ['us-east-1', 'us-west-2', 'eu-west-1', 'ap-northeast-1'],
  docs: {
    summary: 'Calls the function with the requests of a custom Alexa skill.',
    example: 'alexa: amzn1.ask.skill.1a2b3c4d-5e6f-7a8b-9c0d-1e2f3a4b5c6d',
    aws: 'https://docs.aws.amazon.com/lambda/latest/dg/services-alexa.html',
  },
});
