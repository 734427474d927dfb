// The stage: boxes for the caller, the service, its store and the service that it asks, and an arrow for each request
// that is under way between them.

/** An answer stays this long, if no other request needs its lane. */
const KEPT_MS = 6_000;
/** Most calls end sooner: only a longer one is shown as waiting. */
const WAITING_MS = 250;

/** How an outcome is coloured: a status, or the name of a failure. The store has neither. */
export function kindOf(outcome) {
  if (outcome === null) return 'good';
  const status = Number(outcome);
  if (Number.isNaN(status) || status >= 500) return 'bad';
  return status >= 400 ? 'refused' : 'good';
}

export function duration(ms) {
  if (ms >= 1000) return `${(ms / 1000).toFixed(2)} s`;
  if (ms >= 10) return `${Math.round(ms)} ms`;
  return ms < 0.1 ? '< 0.1 ms' : `${ms.toFixed(1)} ms`;
}

export class Stage {
  #scene;
  #root;
  #lanes;
  #open = new Map();
  #asked = { kind: '', text: 'not asked yet' };

  constructor(root, scene) {
    this.#root = root;
    this.#scene = scene;
    root.classList.toggle('alone', scene.asks === null);
    const [callers, neighbours] = matchMedia('(max-width: 52rem)').matches ? [4, 2] : [6, 3];
    this.#lanes = {
      here: lanes('to-here', callers),
      asked: lanes('to-asked', neighbours),
      store: lanes('to-store', scene.asks === null ? callers : neighbours),
    };
    this.#label('here', scene.service);
    this.#label('asked', scene.asks ?? '');
    this.#note('store', '', scene.store);
    this.clear();
  }

  /** Forgets what is under way. */
  clear() {
    this.#open.clear();
    Object.values(this.#lanes).flat().forEach((lane) => lane.clear());
    this.#refresh();
  }

  begin(request, now) {
    const lane = free(this.#lanes.here);
    lane?.begin(now, request.method, request.route);
    this.#open.set(request.id, { lane, calls: [] });
    this.#refresh();
  }

  step({ id, number, to, what }, now) {
    const request = this.#open.get(id);
    if (!request) return;
    const box = to === 'store' ? 'store' : 'asked';
    const lane = free(this.#lanes[box]);
    lane?.begin(now, ...what.split(' '));
    request.calls[number] = { lane, box, since: now };
    this.#refresh();
  }

  stepped({ id, number, outcome, ms }, now) {
    const call = this.#open.get(id)?.calls[number];
    if (call) this.#ended(call, outcome, ms, now);
    this.#refresh();
  }

  end({ id, status, ms, admitted, steps, ...request }, now) {
    if (!this.#open.has(id)) this.begin({ id, ...request }, now);
    const { lane, calls } = this.#open.get(id);
    lane?.end(now, kindOf(status), `${status} · ${duration(ms)}`, !admitted);
    calls.forEach((call, number) => {
      if (!call.ended) this.#ended(call, steps[number]?.outcome ?? 'no answer', ms, now);
    });
    this.#open.delete(id);
    this.#refresh();
  }

  /** The caller has gone without an answer. */
  gone({ id }, now) {
    const request = this.#open.get(id);
    if (!request) return;
    request.lane?.end(now, 'refused', 'the caller left', false);
    request.calls.filter((call) => !call.ended).forEach((call) => call.lane?.end(now, 'refused', 'no one waits', false));
    this.#open.delete(id);
    this.#refresh();
  }

  #ended(call, outcome, ms, now) {
    call.ended = true;
    const text = [outcome, duration(ms)].filter((part) => part !== null).join(' · ');
    call.lane?.end(now, kindOf(outcome), text, false);
    if (call.box === 'asked' && outcome !== 'not asked') {
      const kind = kindOf(outcome) === 'bad' ? 'bad' : 'good';
      this.#asked = { kind, text: kind === 'bad' ? outcome : 'answers' };
    }
  }

  /** Shows how long calls have been waiting, and clears old answers. */
  tick(now) {
    Object.values(this.#lanes).flat().forEach((lane) => lane.tick(now));
    this.#refresh(now);
  }

  /** Returns the state of the service that is asked, in words. */
  state() {
    return this.#scene.asks === null ? '' : `${this.#scene.asks}: ${document.querySelector('#asked small').textContent}`;
  }

  #refresh(now = performance.now()) {
    const underWay = this.#open.size;
    this.#note('here', '', underWay === 0 ? 'idle' : `${underWay} under way`);
    const calls = [...this.#open.values()].flatMap((request) => request.calls);
    const slow = (box) => calls.filter((call) => call.box === box && !call.ended && now - call.since > WAITING_MS);
    const longest = Math.max(0, ...slow('asked').map((call) => now - call.since));
    const waits = longest > 0 ? `waiting ${(longest / 1000).toFixed(1)} s` : '';
    // Once it has failed, it stays red until it answers again.
    if (waits && this.#asked.kind !== 'bad') this.#note('asked', 'wait', waits);
    else this.#note('asked', this.#asked.kind, [this.#asked.text, waits].filter(Boolean).join(', '));
    this.#note('store', slow('store').length > 0 ? 'wait' : '', this.#scene.store);
  }

  #label(id, name) {
    this.#root.querySelector(`#${id} b`).textContent = name;
  }

  #note(id, kind, text) {
    const box = this.#root.querySelector(`#${id}`);
    const note = box.querySelector('small');
    box.className = `box ${kind}`;
    if (note.textContent !== text) note.textContent = text;
  }
}

function lanes(id, count) {
  const made = Array.from({ length: count }, () => new Lane());
  document.getElementById(id).replaceChildren(...made.map((lane) => lane.element));
  return made;
}

/** Returns an empty lane, or the one whose answer is the oldest. */
function free(all) {
  return all.find((lane) => lane.state === 'empty')
    ?? all.filter((lane) => lane.state === 'ended').sort((a, b) => a.at - b.at)[0];
}

/** One arrow and the arrow back. */
class Lane {
  element = document.createElement('div');
  state = 'empty';
  at = 0;

  constructor() {
    this.clear();
  }

  clear() {
    this.state = 'empty';
    this.element.className = 'lane';
    this.element.replaceChildren();
  }

  begin(now, method, route = '') {
    this.state = 'open';
    this.at = now;
    this.element.className = 'lane wait';
    const what = tag('span', 'what', tag('b', '', method), ` ${route}`);
    // New elements, so that their animation starts.
    this.element.replaceChildren(what, tag('span', 'result'), tag('i', ''));
  }

  end(now, kind, text, atTheDoor) {
    this.state = 'ended';
    this.at = now;
    this.element.className = `lane ${kind} ${atTheDoor ? 'door' : ''}`;
    this.element.querySelector('.result').textContent = text;
    this.element.append(tag('i', ''));
  }

  tick(now) {
    if (this.state === 'open' && now - this.at > WAITING_MS) {
      this.element.querySelector('.result').textContent = `waiting ${((now - this.at) / 1000).toFixed(1)} s`;
    } else if (this.state === 'ended' && now - this.at > KEPT_MS) {
      this.clear();
    }
  }
}

function tag(name, className, ...content) {
  const made = document.createElement(name);
  made.className = className;
  made.append(...content);
  return made;
}
