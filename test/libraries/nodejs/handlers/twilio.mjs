import twilio from 'twilio';

export const handler = async () => {
  const response = new twilio.twiml.VoiceResponse();
  response.say('x');
  return /<Say>(.*)<\/Say>/.exec(response.toString())[1];
};
