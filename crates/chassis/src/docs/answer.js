// An answer as it is shown: its body, the pictures of what happened, and its headers.

import { box, element, json, paragraph } from './element.js';
import { ranges } from './ranges.js';
import { send } from './request.js';
import { sequence } from './sequence.js';
import { keep } from './session.js';

/** Headers that teach something about the answer. */
const TAUGHT = ['etag', 'link', 'location', 'retry-after', 'server-timing', 'traceparent', 'www-authenticate'];

const KEPT = 'The token now stands above; the other services take it too, and links to their pages take it along.';

/** Sends a request to a service and returns what to show: the answer, or why there is none. */
export async function answered(service, request, schemaOf) {
  try {
    const came = await send(request);
    const { answer, text } = came;
    const status = element('h3', { className: answer.ok ? 'good' : 'bad' }, `${answer.status} ${answer.statusText}`);
    const note = keepToken(text) ? [paragraph(KEPT)] : [];
    const body = text ? [box('The body', 'body', ...json(text))] : [];
    const drawn = element('div', { className: 'drawn' },
      sequence(service, request, came), ...await ranges(schemaOf(answer), text));
    return [status, ...note, element('div', { className: 'parts' }, ...body, drawn, headers(answer))];
  } catch (error) {
    return [element('h3', { className: 'bad' }, 'No answer'), paragraph(`${error.message}.`)];
  }
}

function headers(answer) {
  const lines = [...answer.headers].flatMap(([name, value]) =>
    [TAUGHT.includes(name) ? element('b', {}, `${name}: ${value}`) : `${name}: ${value}`, '\n']);
  return box('The headers', 'headers', ...lines);
}

/** Puts a token that was issued where the next request finds it. */
function keepToken(text) {
  const [, issued] = text.match(/"access_token":"([^"]+)"/) ?? [];
  if (issued) keep(issued);
  return issued;
}
