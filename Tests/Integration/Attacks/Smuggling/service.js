// A service that writes down which requests it saw, as JSON, one a line: node service.js PORT LOG.
const crypto = require('crypto');
const fs = require('fs');
const http = require('http');

const [port, path] = [Number(process.argv[2]), process.argv[3]];
const log = fs.openSync(path, 'a');
const note = (entry) => fs.writeSync(log, JSON.stringify(entry) + '\n');

const server = http.createServer((request, response) => {
  const hash = crypto.createHash('sha256');
  let length = 0;
  request.on('data', (chunk) => { hash.update(chunk); length += chunk.length; });
  request.on('end', () => {
    note({ method: request.method, target: request.url, host: request.headers.host, length, digest: hash.digest('hex') });
    response.setHeader('Content-Type', 'text/plain');
    response.end('ok\n');
  });
});
// What cannot be read is a fault of whoever sent it.
server.on('clientError', (error, socket) => {
  if (error.code !== 'ECONNRESET') note({ bad: error.code });
  socket.destroy();
});
server.listen(port, '127.0.0.1');
