// Reads the events of the service and shows them: what is under way on the stage, and the last requests below.
//
// A browser draws once for each frame, so events wait for the next one. Whatever is shown goes in as text.

import { Stage } from './stage.js';
import { Requests } from './requests.js';

/** The service sends a word every five seconds at least. */
const SILENCE_MS = 16_000;
const RETRY_MS = 2_000;
/** A screen reader must come to its end before it is told more. */
const SUMMARY_MS = 5_000;

const byId = (id) => document.getElementById(id);
const base = new URL('.', location).href;
const waiting = [];
let stage;
let requests;
let heard = performance.now();
let paused = false;
let source;
const told = { answered: 0, refused: 0, failed: 0 };

byId('example').textContent = `curl -i ${base}`;
byId('pause').addEventListener('click', () => {
  paused = !paused;
  byId('pause').setAttribute('aria-pressed', paused);
  if (!paused) stage?.clear();
  requests?.hold(paused);
});
document.addEventListener('visibilitychange', () => stage?.clear());
connect();
requestAnimationFrame(draw);
setInterval(() => stage?.tick(performance.now()), 100);
setInterval(() => {
  if (performance.now() - heard > SILENCE_MS) lost();
}, 1_000);
setInterval(summarize, SUMMARY_MS);

function connect() {
  heard = performance.now();
  source = new EventSource(`${base}live/events`);
  for (const name of ['hello', 'begin', 'step', 'stepped', 'end', 'gone', 'count']) {
    source.addEventListener(name, ({ data }) => {
      heard = performance.now();
      // A hidden page draws no frame, and the events would pile up.
      if (document.hidden && name !== 'hello') return;
      waiting.push([name, JSON.parse(data)]);
    });
  }
  source.addEventListener('error', lost);
}

/** Says so, and tries again: the service may have stopped, or this page was too slow, or too many pages watch. */
function lost() {
  if (source.readyState !== EventSource.CLOSED) source.close();
  connection('connection lost, trying again');
  heard = Infinity;
  setTimeout(connect, RETRY_MS);
}

function connection(text, className = '') {
  const shown = byId('connection');
  if (shown.textContent !== text) shown.textContent = text;
  shown.className = className;
}

/** Shows the events since the last frame. */
function draw() {
  for (const [name, event] of waiting.splice(0)) show(name, event);
  requests?.draw(performance.now());
  requestAnimationFrame(draw);
}

function show(name, event) {
  if (name === 'hello') {
    hello(event);
  } else if (name === 'count') {
    count(event);
  } else {
    if (!paused) stage[name](event, performance.now());
    if (name === 'end') requests.add(event);
  }
}

function hello(scene) {
  connection('connected', 'good');
  document.title = `${scene.service}, live`;
  byId('title').textContent = scene.service;
  stage ??= new Stage(byId('stage'), scene);
  requests ??= new Requests(byId('requests'), byId('held'), scene);
  stage.clear();
}

function count(event) {
  for (const kind of Object.keys(told)) told[kind] += event[kind];
  const all = event.answered + event.refused + event.failed;
  const number = (n) => n.toLocaleString('en');
  const drawn = all > 20 ? '; some 20 of them are drawn' : '';
  byId('rate').textContent = all === 0
    ? 'Nothing to answer now'
    : `${number(all)} in the last second: ${kinds(event, number)}${drawn}`;
}

function kinds(counts, number = String) {
  return Object.keys(told).filter((kind) => counts[kind] > 0).map((kind) => `${number(counts[kind])} ${kind}`).join(', ');
}

/** Tells a screen reader what has happened since the last time. */
function summarize() {
  const text = kinds(told);
  if (text === '' || paused) return;
  byId('summary').textContent = [`Requests: ${text}`, stage.state()].filter(Boolean).join('. ');
  for (const kind of Object.keys(told)) told[kind] = 0;
}
