// A small Runtime API client, for where AWS's own (aws-lambda-ric) does not install: next, JSON.parse, handler,
// JSON.stringify, response. One connection, kept alive.
import http from "node:http";
import path from "node:path";
import { pathToFileURL } from "node:url";

const [host, port] = process.env.AWS_LAMBDA_RUNTIME_API.split(":");
const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
const prefix = "/2018-06-01/runtime/invocation";

const call = (method, target, body) =>
  new Promise((resolve, reject) => {
    const headers = body === undefined ? {} : { "content-type": "application/json", "content-length": body.length };
    const request = http.request({ host, port, agent, method, path: prefix + target, headers }, (response) => {
      const chunks = [];
      response.on("data", (chunk) => chunks.push(chunk));
      response.on("end", () => resolve({ headers: response.headers, body: Buffer.concat(chunks) }));
    });
    request.on("error", reject);
    request.end(body);
  });

const [file, name] = process.argv[2].split(".");
const module = await import(pathToFileURL(path.resolve(`${file}.mjs`)));
for (;;) {
  const next = await call("GET", "/next");
  const answer = await module[name](JSON.parse(next.body.toString("utf8")));
  await call("POST", `/${next.headers["lambda-runtime-aws-request-id"]}/response`, Buffer.from(JSON.stringify(answer)));
}
