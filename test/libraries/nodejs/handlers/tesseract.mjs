import { createScheduler, OEM } from 'tesseract.js';

export const handler = async () => (OEM.LSTM_ONLY === 1 ? typeof createScheduler().addJob : '');
