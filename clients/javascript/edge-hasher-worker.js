// A service worker that gives the digest to every request of the site's own pages with a body above 1 MiB: fetch, forms and
// libraries, without a change to any of them. Serve it from the top of the site, and register it in the page:
//
//   navigator.serviceWorker?.register('/edge-hasher-worker.js');
//
// The first page load registers it, and it works from then on. Browsers offer service workers on HTTPS and on localhost only.

const EDGE_LIMIT_BYTES = 1048576; // what CloudFront shows of a body to the function that hashes it
const URL_LIMIT_BYTES = 6291456; // what a Function URL takes: more fails with any digest, so it is not read here
const DIGEST = 'x-amz-content-sha256';

self.addEventListener('install', () => self.skipWaiting());
self.addEventListener('activate', event => event.waitUntil(self.clients.claim()));

self.addEventListener('fetch', event => {
  const request = event.request;
  if (new URL(request.url).origin !== self.location.origin) return;
  if (request.method === 'GET' || request.method === 'HEAD' || request.headers.has(DIGEST)) return;
  event.respondWith(send(request));
});

async function send(request) {
  const original = request.clone();
  const body = await readAll(request);
  if (!body || body.size <= EDGE_LIMIT_BYTES) return fetch(original);
  const bytes = await body.arrayBuffer();
  const headers = new Headers(request.headers);
  headers.set(DIGEST, await sha256(bytes));
  // A form's request navigates, and a copy of it may not; its redirect is the browser's to follow.
  const mode = request.mode === 'navigate' ? 'same-origin' : request.mode;
  const { method, credentials, cache, redirect, referrer, referrerPolicy, integrity, keepalive, signal } = request;
  const same = { method, credentials, cache, redirect, referrer, referrerPolicy, integrity, keepalive, signal };
  return fetch(request.url, { ...same, mode, headers, body: bytes });
}

// The body, or null if it is longer than a Function URL takes. The rest of such a body, or of a stream that long, is not read.
async function readAll(request) {
  const parts = [];
  let size = 0;
  const reader = request.body?.getReader();
  if (!reader) return request.blob(); // Firefox gives no stream of a request's body
  for (let step = await reader.read(); !step.done; step = await reader.read()) {
    parts.push(step.value);
    size += step.value.byteLength;
    if (size > URL_LIMIT_BYTES) {
      reader.cancel();
      return null;
    }
  }
  return new Blob(parts);
}

async function sha256(bytes) {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  return Array.from(digest, byte => byte.toString(16).padStart(2, '0')).join('');
}
