// Asks a service through the forward proxy of HTTPS_PROXY with Node's own modules: CONNECT, then https on what that gives.
// What is trusted is said by NODE_EXTRA_CA_CERTS. usage: node egress_client.mjs URL
import http from "node:http";
import https from "node:https";

const proxy = new URL(process.env.HTTPS_PROXY);
const url = new URL(process.argv[2]);
const credentials = Buffer.from(`${decodeURIComponent(proxy.username)}:${decodeURIComponent(proxy.password)}`).toString("base64");
http.request({
    host: proxy.hostname, port: proxy.port, method: "CONNECT", path: url.host,
    headers: { Host: url.host, "Proxy-Authorization": `Basic ${credentials}` },
}).on("connect", (response, socket) => {
    if (response.statusCode !== 200) {
        console.log(response.statusCode);
        process.exit(0);
    }
    https.get(url, { socket, agent: false, servername: url.hostname }, (answer) => {
        let text = "";
        answer.on("data", (data) => { text += data; });
        answer.on("end", () => { console.log(answer.statusCode, text); socket.end(); });
    }).on("error", (error) => { console.log("error", error.message); process.exit(1); });
}).end();
