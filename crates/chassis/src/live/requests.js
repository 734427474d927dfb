// The last requests: each a sequence diagram, with its trace id, headers and log line below.

import { duration, kindOf } from './stage.js';

const MOST = 12;
/** A list that changes more often cannot be read. */
const REDRAWN_MS = 500;

export class Requests {
  #list;
  #note;
  #scene;
  #new = [];
  #newer = 0;
  #drawn = 0;
  #held = false;

  constructor(list, note, scene) {
    this.#list = list;
    this.#note = note;
    this.#scene = scene;
  }

  add(request) {
    this.#newer += 1;
    this.#new.push(request);
    if (this.#new.length > MOST) this.#new.shift();
  }

  hold(held) {
    this.#held = held;
  }

  /** Brings the list up to date, unless somebody reads in it. */
  draw(now) {
    if (this.#new.length === 0 || now - this.#drawn < REDRAWN_MS) return;
    this.#drawn = now;
    if (this.#held || this.#list.querySelector('details[open], :focus')) {
      const reason = this.#held ? '' : ' while one is open or has the focus';
      this.#say(`The list stands still${reason}: ${this.#newer.toLocaleString('en')} newer`);
      return;
    }
    this.#newer = 0;
    this.#list.prepend(...this.#new.splice(0).reverse().map((request) => card(request, this.#scene)));
    while (this.#list.children.length > MOST) this.#list.lastElementChild.remove();
    this.#say('The newest first');
  }

  #say(text) {
    if (this.#note.textContent !== text) this.#note.textContent = text;
  }
}

function card(request, scene) {
  const { method, route, status, ms, time_ms } = request;
  const time = new Date(time_ms);
  const heading = tag('h3', {}, tag('b', {}, method), tag('code', {}, route),
    tag('b', { class: 'status' }, String(status)), ` ${duration(ms)} `,
    tag('time', { datetime: time.toISOString() }, time.toTimeString().slice(0, 8)));
  const label = 'Trace, headers, log line';
  const details = tag('details', {},
    tag('summary', { 'aria-label': `${label} of ${method} ${route}, ${status}` }, label), facts(request, scene, time));
  return tag('li', { class: kindOf(status) }, heading, diagram(request, scene), details);
}

function facts({ method, route, status, ms, trace_id, headers }, { service }, time) {
  const log = JSON.stringify({
    timestamp: time.toISOString(), level: 'INFO', message: 'answered', service, method, path: route, status,
    duration_ms: ms, trace_id,
  });
  const lines = headers.map(([name, value]) => `${name}: ${value}`).join('\n');
  return tag('dl', {},
    tag('dt', {}, 'Trace id'), tag('dd', {}, tag('code', {}, trace_id)),
    tag('dt', {}, 'Headers of the answer, without ids and names'), tag('dd', {}, tag('pre', {}, lines)),
    tag('dt', {}, 'Log line, with the route instead of the path'), tag('dd', {}, tag('pre', {}, log)));
}

const WIDTH = 360;
const ROW = 21;
const TOP = 20;

/** Draws a request as a sequence diagram. */
function diagram(request, scene) {
  const { method, route, status, ms, admitted, steps } = request;
  const names = ['you', scene.service, scene.asks, 'store'].filter((name) => name !== null);
  const x = (name) => 28 + names.indexOf(name) * ((WIDTH - 56) / (names.length - 1));
  const messages = [{ from: 'you', to: scene.service, text: `${method} ${route}`, kind: '', door: !admitted }];
  for (const { to, what, outcome, ms: took } of steps) {
    const failed = took === null;
    const text = failed ? 'no answer' : [outcome, duration(took)].filter((part) => part !== null).join(' · ');
    messages.push({ from: scene.service, to, text: what, kind: '' });
    messages.push({ from: to, to: scene.service, text, kind: failed ? 'bad' : kindOf(outcome), back: true });
  }
  messages.push({ from: scene.service, to: 'you', text: `${status} · ${duration(ms)}`, kind: kindOf(status), back: true, door: !admitted });
  const height = TOP + messages.length * ROW + 6;
  const heads = names.flatMap((name) => [
    shape('line', { class: 'life', x1: x(name), x2: x(name), y1: TOP - 4, y2: height }),
    shape('text', { class: 'head', x: x(name), y: 11 }, name),
  ]);
  const arrows = messages.map((message, number) => arrow(message, x, TOP + (number + 1) * ROW - 4));
  const words = messages.map(({ from, to, text }) => `${from} to ${to}: ${text}`).join('; ');
  return shape('svg', { viewBox: `0 0 ${WIDTH} ${height}`, role: 'img', 'aria-label': words }, ...heads, ...arrows);
}

/** Draws one message. One that is refused at the door stops before the lifeline of the service. */
function arrow({ from, to, text, kind, back, door }, x, y) {
  const stop = door ? 10 : 0;
  const [start, end] = back ? [x(from) - stop, x(to)] : [x(from), x(to) - stop];
  const side = Math.sign(end - start);
  const point = door && !back
    ? shape('path', { d: `M${end - 1} ${y - 7}h3v14h-3z` })
    : shape('path', { d: `M${end} ${y}l${-6 * side} -4v8z` });
  return shape('g', { class: kind },
    shape('text', { x: Math.min(start, end) + 9, y: y - 5 }, text),
    shape('line', { class: back ? 'back' : '', x1: start, x2: end, y1: y, y2: y }), point);
}

function tag(name, attributes, ...content) {
  return fill(document.createElement(name), attributes, content);
}

function shape(name, attributes, ...content) {
  return fill(document.createElementNS('http://www.w3.org/2000/svg', name), attributes, content);
}

function fill(element, attributes, content) {
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...content);
  return element;
}
