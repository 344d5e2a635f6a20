import { io } from 'socket.io-client';

export const handler = async () => {
  const socket = io('http://127.0.0.1:1', { reconnection: false });
  const answer = await new Promise((done) =>
    socket.once('connect_error', () => done('refused')).once('connect', () => done('connected')),
  );
  socket.close();
  return answer;
};
