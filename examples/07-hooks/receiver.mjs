// Stands in for a chat service: prints what is posted to it. node examples/07-hooks/receiver.mjs
import { createServer } from 'node:http';

const server = createServer(async (request, response) => {
  let body = '';
  for await (const chunk of request) body += chunk;
  console.log(JSON.parse(body).text);
  response.end('ok');
});
server.listen(8787, '127.0.0.1', () => console.log('listening at http://127.0.0.1:8787'));
