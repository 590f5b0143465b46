// Bodies that the edge cannot hash, made to pass: those above 1 MiB, of which CloudFront shows an edge function the first MiB only.
// For browsers and for Node from 18 on.
//
//   import { hashingFetch } from './edge-hasher.js';
//   await hashingFetch('/upload', { method: 'POST', body: file });

export const EDGE_LIMIT_BYTES = 1048576;
const DIGEST = 'x-amz-content-sha256';

/** fetch, with the digest of a body above `above` bytes. A smaller one is left to the edge. */
export async function hashingFetch(input, init = {}, above = EDGE_LIMIT_BYTES) {
  return isStream(init.body) ? fetch(input, init) : fetch(await withDigest(new Request(input, init), above));
}

/** The request, with its digest if it has none and a body above `above` bytes. The body is read once, and kept. */
export async function withDigest(request, above = EDGE_LIMIT_BYTES) {
  if (request.method === 'GET' || request.method === 'HEAD' || request.headers.has(DIGEST)) return request;
  const body = await request.clone().arrayBuffer();
  if (body.byteLength > above) request.headers.set(DIGEST, await sha256(body));
  return request;
}

/** SHA-256 in hex. */
export async function sha256(body) {
  if (!globalThis.crypto?.subtle) {
    throw new Error('This page cannot hash a body: browsers offer crypto.subtle on HTTPS and on localhost only.');
  }
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', body));
  return Array.from(digest, byte => byte.toString(16).padStart(2, '0')).join('');
}

// A stream is left alone: it can be read once, and its digest would have to be sent before it.
function isStream(body) {
  return typeof body === 'object' && body !== null &&
    (body instanceof ReadableStream || typeof body[Symbol.asyncIterator] === 'function');
}
