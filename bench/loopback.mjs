// The floor of an invocation: a server in a process of its own that answers at once. Says its port to its parent.
import { createServer } from 'node:http';

const server = createServer((incoming, outgoing) => {
  incoming.resume().once('end', () => outgoing.end('{}'));
});
server.listen(0, '127.0.0.1', () => process.send(server.address().port));
process.once('disconnect', () => process.exit(0));
