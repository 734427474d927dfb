// A request: made from the fields of a form, shown as a command, sent.

import { base } from './session.js';

/** The request that these parameters make of a route. */
export function filledIn(method, path, parameters) {
  const given = (place) => parameters
    .filter(({ where, input }) => where === place && input.value)
    .map(({ name, input }) => [name, input.value]);
  // Half a surrogate pair cannot be encoded.
  const fill = (target, [name, value]) => target.replace(`{${name}}`, encodeURIComponent(value.toWellFormed()));
  const target = given('path').reduce(fill, base + path.slice(1));
  const query = new URLSearchParams(given('query'));
  return { method, url: query.size ? `${target}?${query}` : target, headers: given('header') };
}

/** The command that sends a request. */
export function curl({ method, url, token, headers, body }) {
  const implied = body === undefined ? 'GET' : 'POST';
  const options = [
    ...(token ? ['-H "Authorization: Bearer $TOKEN"'] : []),
    ...headers.map(([name, value]) => `-H ${quote(`${name}: ${value}`)}`),
    ...(body === undefined ? [] : [`--json ${quote(body)}`]),
  ];
  const start = `curl -i ${method === implied ? '' : `-X ${method} `}${quote(url)}`;
  return (token ? `TOKEN=${quote(token)}\n` : '') + [start, ...options].join(' \\\n  ');
}

/** Sends a request. Returns the answer, its text, and the milliseconds that both took. */
export async function send({ method, url, token, headers, body }) {
  const sent = new Headers();
  if (token) headers.push(['Authorization', `Bearer ${token}`]);
  if (body !== undefined) headers.push(['Content-Type', 'application/json']);
  headers.forEach(([name, value]) => sent.set(name, fit(name, value)));
  const start = performance.now();
  const answer = await fetch(url, { method, headers: sent, body });
  const text = await answer.text();
  return { answer, text, took: performance.now() - start };
}

/** A word as a POSIX shell reads it. */
function quote(word) {
  return /^[\w.:/-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

/** The value of a header if it can be sent. A copied one may hold a zero-width space or curly quotes. */
function fit(name, value) {
  const [unfit] = value.match(/[^\t\x20-\x7e]/u) ?? [];
  if (!unfit) return value;
  const code = unfit.codePointAt().toString(16).toUpperCase().padStart(4, '0');
  throw new Error(`Nothing was sent: ${name} holds the character U+${code}, which this header cannot hold`);
}
