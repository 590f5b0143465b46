// A CloudFront Function for viewer-request. It admits the source ranges in RANGES, separated by commas (empty: all), and
// tells the app, in x-forwarded-host, which host the viewer asked for.
const RANGES = '${AllowedSourceRanges}';

// An IPv4 or IPv6 address as numbers of 8 or 16 bits; null if it is neither.
function parts(address) {
  if (address.indexOf(':') < 0) return numbers(address.split('.'), 4, /^[0-9]{1,3}$/, 10, 255);
  const halves = address.split('::');
  if (halves.length > 2) return null;
  const head = halves[0] ? halves[0].split(':') : [];
  const tail = halves[1] ? halves[1].split(':') : [];
  if (halves.length === 2) {
    if (head.length + tail.length > 7) return null;
    while (head.length + tail.length < 8) head.push('0');
  }
  return numbers(head.concat(tail), 8, /^[0-9a-fA-F]{1,4}$/, 16, 65535);
}

function numbers(texts, count, form, base, most) {
  const found = [];
  for (let i = 0; i < texts.length; i++) {
    if (!form.test(texts[i])) return null;
    found.push(parseInt(texts[i], base));
    if (found[i] > most) return null;
  }
  return found.length === count ? found : null;
}

// Whether the first bits of an address are those of a range; a range that is none holds nobody.
function holds(range, address) {
  const cut = range.split('/');
  const start = parts(cut[0]);
  if (!start || start.length !== address.length) return false;
  const width = address.length === 4 ? 8 : 16;
  let left = parseInt(cut[1], 10);
  if (!(left <= width * start.length)) return false;
  for (let i = 0; left > 0; i++) {
    const unused = Math.max(0, width - left);
    if (start[i] >> unused !== address[i] >> unused) return false;
    left -= width;
  }
  return true;
}

function admits(viewer) {
  const address = parts(viewer.ip);
  const ranges = RANGES.split(',');
  for (let i = 0; address && i < ranges.length; i++) {
    if (holds(ranges[i], address)) return true;
  }
  return false;
}

function handler(event) {
  if (RANGES && !admits(event.viewer)) {
    return {
      statusCode: 403,
      statusDescription: 'Forbidden',
      headers: {'cache-control': {value: 'no-store'}, 'content-type': {value: 'text/plain'}},
      body: {encoding: 'text', data: 'This site does not take requests from your address.'}
    };
  }
  // The Function URL gets its own Host. Frameworks that check where a form comes from read this header, so what a
  // viewer put there goes.
  const headers = event.request.headers;
  delete headers['x-forwarded-host'];
  if (headers.host) headers['x-forwarded-host'] = {value: headers.host.value};
  return event.request;
}
