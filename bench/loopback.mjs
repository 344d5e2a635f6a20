// The floor of an invocation: a server in a separate process that answers at once; with the word `two`, one that first calls
// another such process, like a request to a function. Sends its port to its parent.
import { fork } from 'node:child_process';
import { Agent, createServer, request } from 'node:http';

const answer = (incoming, outgoing) => {
  incoming.resume().once('end', () => outgoing.end('{}'));
};

async function passOn() {
  const behind = fork(import.meta.filename);
  process.once('disconnect', () => behind.disconnect());
  const port = await new Promise((said) => behind.once('message', said));
  const agent = new Agent({ keepAlive: true });
  return (incoming, outgoing) => {
    incoming.resume().once('end', () => {
      const asked = request({ host: '127.0.0.1', port, agent, method: 'POST' }, (answered) => {
        answered.resume().once('end', () => outgoing.end('{}'));
      });
      asked.end('{}');
    });
  };
}

const server = createServer(process.argv[2] === 'two' ? await passOn() : answer);
server.listen(0, '127.0.0.1', () => process.send(server.address().port));
process.once('disconnect', () => process.exit(0));
