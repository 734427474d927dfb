// Draws an answer as a sequence diagram: the caller, the service, and whatever the service asked, from `Server-Timing`.
// It is a list, each step with its two ends in words, so a screen reader reads what the others see.

import { element } from './element.js';

/** The diagram of an answer of a service: a list of steps between lanes. */
export function sequence(service, { method, url }, { answer, took }) {
  const { total, parts } = timing(answer.headers.get('server-timing') ?? '');
  const lanes = ['you', service, ...new Set(parts.map(({ name }) => name))];
  const status = { text: `${answer.status} ${answer.statusText}`, good: answer.status < 400 };
  const steps = [
    { from: 0, to: 1, text: `${method} ${new URL(url).pathname}` },
    ...parts.flatMap((part) => calls(part, lanes.indexOf(part.name), method)),
    { from: 1, to: 0, ...status, took: total },
  ];
  const drawn = element('ol', { className: 'sequence', role: 'list', ariaLabel: 'Sequence of this answer' },
    ...lanes.map(head),
    ...steps.map((step, index) => arrow(step, lanes, index + 2)));
  drawn.style.gridTemplateColumns = `repeat(${2 * lanes.length}, minmax(0, 1fr))`;
  drawn.style.backgroundSize = `${100 / lanes.length}% 100%`;
  return element('figure', {}, drawn, element('figcaption', {}, inWords(service, total, parts, took)));
}

/** Parses `Server-Timing` (W3C): the total, and the parts in their order. */
export function timing(header) {
  const entries = [...header.matchAll(/([\w-]+);dur=([\d.]+)(?:;desc="([^"]*)")?/g)]
    .map(([, name, duration, description]) => ({ name, took: Number(duration), description }));
  return {
    total: entries.find(({ name }) => name === 'total')?.took,
    parts: entries.filter(({ name }) => name !== 'total'),
  };
}

/** A part is a call and its return. A description is a request and its result, such as `GET /things/1 200`. */
function calls({ description, took }, lane, method) {
  const [, asked, result] = description?.match(/^(.*) (\S+)$/) ?? [];
  const own = ['GET', 'HEAD'].includes(method) ? 'read' : 'write';
  return [
    { from: 1, to: lane, text: asked ?? own },
    { from: lane, to: 1, text: result ?? 'done', good: !result || result.startsWith('2'), took },
  ];
}

/** The name above a lane, which is two columns wide. A screen reader hears it with each step. */
function head(name, lane) {
  return placed(element('li', { className: 'lane', ariaHidden: true }, name), 1, 2 * lane + 1, 2 * lane + 3);
}

/** A step: an arrow from lane to lane with its text above, a return dashed. */
function arrow({ from, to, text, good, took }, lanes, row) {
  const returns = to < from;
  const label = element('span', { className: good === undefined ? '' : good ? 'good' : 'bad' }, text);
  const ends = element('span', { className: 'spoken' }, `${lanes[from]} to ${lanes[to]}: `);
  const time = took === undefined ? [] : [' ', element('small', {}, `${milliseconds(took)} ms`)];
  const step = element('li', { className: returns ? 'step returns' : 'step' }, ends, label, ...time);
  const [left, right] = returns ? [to, from] : [from, to];
  return placed(step, row, 2 * left + 2, 2 * right + 2);
}

function placed(item, row, from, to) {
  item.style.gridRow = row;
  item.style.gridColumn = `${from} / ${to}`;
  return item;
}

function inWords(service, total, parts, took) {
  const whole = `${milliseconds(took)} ms in this browser`;
  if (total === undefined) return whole;
  const spent = parts.map(({ name, took }) => `${milliseconds(took)} ms for ${name}`);
  return `${whole}; ${milliseconds(total)} ms in ${service}${spent.length ? `, of which ${spent.join(' and ')}` : ''}`;
}

function milliseconds(value) {
  return value < 10 ? value.toFixed(2) : value.toFixed(0);
}
