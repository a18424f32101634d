// Asks a service by Node's fetch: ranges, uploads, streams. Prints what came of it. usage: node plain_client.js URL; TOKEN: the client's token.
const crypto = require('crypto');

const [url, token] = [process.argv[2], process.env.TOKEN];
const big = Buffer.alloc(3_000_000, 'node');

async function ask(path, options = {}) {
  const got = await fetch(url + path, { ...options, headers: { Authorization: `Bearer ${token}`, ...options.headers } });
  const body = Buffer.from(await got.arrayBuffer());
  return {
    status: got.status, length: body.length, digest: crypto.createHash('sha256').update(body).digest('hex'),
    type: got.headers.get('content-type'), range: got.headers.get('content-range'), tag: got.headers.get('etag'),
    body: body.length < 500 && got.status !== 206 ? body.toString() : '',
  };
}

async function main() {
  const results = [];
  results.push(await ask('/file'));
  results.push(await ask('/file', { headers: { Range: 'bytes=7-77' } }));
  results.push(await ask('/moved'));
  results.push(await ask('/up', { method: 'POST', body: JSON.stringify({ a: 'é' }), headers: { 'Content-Type': 'application/json' } }));
  const form = new FormData();
  form.append('file', new Blob([big]), 'a.bin');
  results.push({ ...(await ask('/up', { method: 'POST', body: form })), digest: '', body: '', length: 0 });
  const pieces = new ReadableStream({
    start(controller) {
      for (let at = 0; at < big.length; at += 100_003) controller.enqueue(big.subarray(at, at + 100_003));
      controller.close();
    },
  });
  results.push(await ask('/up', { method: 'PUT', body: pieces, duplex: 'half' }));
  const stream = await fetch(url + '/stream', { headers: { Authorization: `Bearer ${token}` } });
  let text = '';
  for await (const piece of stream.body.pipeThrough(new TextDecoderStream())) text += piece;
  results.push({ lines: text.split('\n').length });
  results.push(await Promise.all(Array.from({ length: 50 }, (_, at) => ask('/file', { headers: { Range: `bytes=${at}-${at}` } }))));
  console.log(JSON.stringify(results, null, 1));
}

main();
