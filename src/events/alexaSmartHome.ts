// `alexaSmartHome`: an Alexa smart home skill calls the function's live alias, whose ARN is set in the skill.
import { skillSource } from './_skill.ts';

export const alexaSmartHome = skillSource('alexaSmartHome', 'Lets an Alexa smart home skill call the function.');
