// `alexa`: an Alexa skill calls the function's live alias, whose ARN is set in the skill.
import { skillSource } from './_skill.ts';

export const alexa = skillSource('alexa', 'Lets an Alexa skill call the function.');
